"""JUnit XML: a suite for each file, with a test for each finding, or one that passes."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from nndsl.cli.color import Paint
from nndsl.cli.fingerprints import path_of
from nndsl.cli.printable import printable
from nndsl.diagnostics import Diagnostic, Severity


def render(diagnostics: Sequence[Diagnostic], files: Sequence[str], paint: Paint) -> str:
    """Return an XML document. An error is a failed test, a warning is output of a passed one."""
    root = Element("testsuites", name="nndsl")
    by_file: dict[str, list[Diagnostic]] = {name: [] for name in files}
    for diagnostic in diagnostics:
        by_file.setdefault(diagnostic.span.source.name, []).append(diagnostic)
    for name, found in by_file.items():
        _suite(root, name, found)
    for counted in ("tests", "failures", "errors"):
        root.set(counted, str(sum(int(suite.get(counted, 0)) for suite in root)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _suite(root: Element, name: str, found: Sequence[Diagnostic]) -> None:
    failures = sum(d.severity is Severity.ERROR for d in found)
    suite = SubElement(
        root,
        "testsuite",
        name=printable(name),
        tests=str(max(1, len(found))),
        failures=str(failures),
        errors="0",
    )
    for diagnostic in found:
        span = diagnostic.span
        where = f"{printable(path_of(span.source))}:{span.line}:{span.column}"
        case = SubElement(suite, "testcase", name=f"{diagnostic.code} {where}", classname="nndsl")
        lines = [f"{where}: {diagnostic.severity.value}[{diagnostic.code}]", diagnostic.message]
        lines += (diagnostic.help or "").splitlines()
        text = "\n".join(map(printable, lines))
        if diagnostic.severity is Severity.ERROR:
            message = printable(diagnostic.message)
            SubElement(case, "failure", type=diagnostic.code, message=message).text = text
        else:
            SubElement(case, "system-out").text = text
    if not found:
        SubElement(suite, "testcase", name="no errors", classname="nndsl")
