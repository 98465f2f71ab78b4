"""A line for each finding."""

from collections.abc import Sequence

from nndsl.cli.color import Paint
from nndsl.cli.printable import printable
from nndsl.cli.rendering import count, headline, shown
from nndsl.diagnostics import Diagnostic


def render(diagnostics: Sequence[Diagnostic], files: Sequence[str], paint: Paint) -> str:
    """Return `file:line:column: error[NN203]: …` for each finding, then their number."""
    return "\n".join([*lines(diagnostics, paint), count(diagnostics, len(files))])


def lines(diagnostics: Sequence[Diagnostic], paint: Paint) -> list[str]:
    """Return a line for each finding, and one with the number of those left out, if any."""
    some, rest = shown(diagnostics)
    texts = [f"{printable(d.span.place)}: {headline(d, paint)}" for d in some]
    return [*texts, *[rest] * bool(rest)]
