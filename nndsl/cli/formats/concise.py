"""A line for each finding."""

from __future__ import annotations

from collections.abc import Sequence

from nndsl.cli.color import Paint
from nndsl.cli.printable import printable
from nndsl.cli.rendering import count, headline, shown
from nndsl.diagnostics import Diagnostic


def render(diagnostics: Sequence[Diagnostic], files: Sequence[str], paint: Paint) -> str:
    """Return `file:line:column: error[NN203]: …` for each finding, then how many there are."""
    return "\n".join([*lines(diagnostics, paint), count(diagnostics, len(files))])


def lines(diagnostics: Sequence[Diagnostic], paint: Paint) -> list[str]:
    """Return a line for each finding; the last one says how many are left out, if any are."""
    some, rest = shown(diagnostics)
    said = [
        f"{printable(d.span.source.name)}:{d.span.line}:{d.span.column}: {headline(d, paint)}"
        for d in some
    ]
    return [*said, *[rest] * bool(rest)]
