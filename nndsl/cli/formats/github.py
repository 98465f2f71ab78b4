"""Workflow commands, which GitHub Actions shows at the lines of a change."""

from collections.abc import Sequence

from nndsl.cli.color import Paint
from nndsl.cli.fingerprints import path_of
from nndsl.cli.printable import printable, printable_lines
from nndsl.diagnostics import Diagnostic


def render(diagnostics: Sequence[Diagnostic], files: Sequence[str], paint: Paint) -> str:
    """Return `::error file=…,line=…::message` for each finding."""
    return "\n".join(map(_command, diagnostics))


def _command(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    end_line, end_column = span.source.position(span.end)
    place: dict[str, object] = {"title": f"nndsl {diagnostic.code}"}
    if span.source.path is not None:
        place |= {"file": path_of(span.source), "line": span.line, "endLine": end_line}
        if end_line == span.line:  # GitHub takes columns of a single line only
            place |= {"col": span.column, "endColumn": end_column}
    properties = ",".join(f"{name}={_property(value)}" for name, value in place.items())
    text = f"{printable(span.place)}: {diagnostic.message}" + (
        f"\n{diagnostic.help}" if diagnostic.help else ""
    )
    return f"::{diagnostic.severity.value} {properties}::{_data(printable_lines(text))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _data(str(value)).replace(":", "%3A").replace(",", "%2C")
