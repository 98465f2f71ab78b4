"""The text of findings in all formats: their order, their number, their headlines."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from nndsl.cli.color import Paint
from nndsl.cli.printable import printable
from nndsl.diagnostics import MAX_FOUND, Applicability, Diagnostic, Severity
from nndsl.languages import sentence, translated

SAFE = Applicability.SAFE
MAX_SHOWN = 100  # findings of one file that people are shown
END = ", whose check ended there"  # of a file with MAX_FOUND findings


def in_order(diagnostics: Iterable[Diagnostic], name: str) -> list[Diagnostic]:
    """Return the diagnostics of a file by position, those of other sources (`--set`) first."""

    def place(diagnostic: Diagnostic) -> tuple[bool, str, int]:
        source = diagnostic.span.source.name
        return source == name, source, diagnostic.span.start

    return sorted(diagnostics, key=place)


def shown(diagnostics: Iterable[Diagnostic]) -> tuple[list[Diagnostic], str]:
    """Return the findings to show to people, and a text with the number of others, or ""."""
    found: Counter[str] = Counter()
    kept = []
    for diagnostic in diagnostics:
        name = diagnostic.span.source.name
        found[name] += 1
        if found[name] <= MAX_SHOWN:
            kept.append(diagnostic)
    left = {name: number - MAX_SHOWN for name, number in found.items() if number > MAX_SHOWN}
    files = [
        f"{number:,} more in {printable(name)}{END * (found[name] >= MAX_FOUND)}"
        for name, number in left.items()
    ]
    return kept, f"and {', '.join(files)}" if files else ""


def count(diagnostics: Sequence[Diagnostic], files: int = 1) -> str:
    """Return their number: `2 errors, 1 warning in 3 specs`."""
    numbers = [(sum(d.severity is s for d in diagnostics), s.value) for s in Severity]
    each = [
        sentence(f"{{count}} {what}{'s' * (number != 1)}", count=f"{number:,}")
        for number, what in numbers
        if number
    ]
    found = each[0] if each else sentence("no errors")
    for more in each[1:]:
        found = sentence("{before}, {item}", before=found, item=more)
    fixable = sum(any(f.applicability is SAFE for f in d.fixes) for d in diagnostics)
    if files > 1:
        found = sentence("{found} in {count} specs", found=found, count=f"{files:,}")
    if fixable:
        mends = "{found}; `nndsl check --fix` mends {count}"
        found = sentence(mends, found=found, count=fixable)
    return translated(found)


def plural(number: int, what: str) -> str:
    """Return `1 error`, `2 errors`."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def notice(kind: str, message: str, help: str | None, paint: Paint) -> str:
    """Return a message without a position in a spec."""
    message = printable(translated(message))
    head = f"{paint(translated(kind), kind)}{paint(f': {message}', 'title')}"
    return "\n".join([head, *help_lines(help, 1, paint)])


_LONG = re.compile(r"(`[^`]{60})[^`]{20,}`")  # a name that would fill the screen


def headline(diagnostic: Diagnostic, paint: Paint) -> str:
    """Return `error[NN203]: …`."""
    kind = f"{translated(diagnostic.severity.value)}[{diagnostic.code}]"
    said = _LONG.sub(r"\1…`", translated(diagnostic.message))
    message = paint(f": {printable(said)}", "title")
    return f"{paint(kind, diagnostic.severity.value)}{message}"


def help_lines(help: str | None, gutter: int, paint: Paint) -> Iterator[str]:
    """Yield the lines of a help, behind a gutter of this width."""
    from nndsl.languages.widths import width  # of which a page without errors has no need

    word = translated("help")
    sign = f"{' ' * gutter} {paint('=', 'frame')} {paint(word, 'help')}: "
    for line in (help or "").splitlines():
        yield f"{sign}{printable(translated(line))}"
        sign = " " * (gutter + len(" = : ") + width(word))
