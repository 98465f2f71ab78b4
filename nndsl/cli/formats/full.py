"""Each finding with an excerpt of the source, for people."""

from collections.abc import Iterator, Sequence

from nndsl.cli.color import Paint
from nndsl.cli.rendering import count, headline, help_lines, plural, shown
from nndsl.diagnostics import Diagnostic
from nndsl.languages import translated

WIDTH = 100  # if the width of the terminal is unknown
MAX_LABELS = 6


def render(diagnostics: Sequence[Diagnostic], files: Sequence[str], paint: Paint) -> str:
    """Return each finding with an excerpt of the source, then their number."""
    some, rest = shown(diagnostics)
    width = _width() if some else WIDTH
    blocks = ["\n".join(_block(d, paint, width)) for d in some]
    style = diagnostics[0].severity.value if diagnostics else "good"
    return "\n\n".join(
        [*blocks, *[rest] * bool(rest), paint(count(diagnostics, len(files)), style)]
    )


def _width() -> int:
    import shutil  # not needed without findings

    return max(40, shutil.get_terminal_size((WIDTH, 24)).columns)


def _block(diagnostic: Diagnostic, paint: Paint, width: int) -> Iterator[str]:
    from nndsl.cli.snippet import Mark, excerpt  # not needed without findings

    style = diagnostic.severity.value
    yield headline(diagnostic, paint)
    labels = diagnostic.labels[:MAX_LABELS]
    marks = [
        Mark(diagnostic.span, style=style, sign="^"),
        *(Mark(label.span, translated(label.message)) for label in labels),
    ]
    yield from excerpt(marks, paint, width)
    gutter = max(len(str(mark.span.line)) for mark in marks)
    if diagnostic.help:
        yield f"{' ' * gutter} {paint('|', 'frame')}"
    yield from help_lines(diagnostic.help, gutter, paint)
    if len(labels) < len(diagnostic.labels):
        more = plural(len(diagnostic.labels) - len(labels), "more place")
        yield f"{' ' * gutter} {paint('=', 'frame')} and {more}"
