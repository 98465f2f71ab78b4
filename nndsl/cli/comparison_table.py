"""The table of a comparison, as wide as a terminal."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from nndsl.cli.arguments import WIDTH
from nndsl.cli.color import Paint, painter
from nndsl.cli.printable import display_width, printable
from nndsl.cli.rendering import plural
from nndsl.experiment.comparison.comparison import Comparison, verdict
from nndsl.experiment.comparison.report import cells, chosen_columns, remark
from nndsl.experiment.comparison.results import VariantResults, column_title

GAP = "  "
MIN_NAME = 8  # columns for a name, however wide the table is


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of numbers: its heading on two lines, and a cell for each variant."""

    heads: tuple[str, str]
    cells: list[str]

    @property
    def width(self) -> int:
        return max(map(len, [*self.heads, *self.cells]))


def print_comparison(comparison: Comparison) -> None:
    """Print the table and the verdict."""
    paint = painter(sys.stdout)
    for line in _lines(comparison, paint):
        print(line)
    print()
    together = printable(verdict(comparison)).replace(" ± ", "\u00a0±\u00a0")
    for line in textwrap.wrap(together, WIDTH, break_on_hyphens=False):
        print(paint(line.replace("\u00a0", " "), "title"))


def _lines(comparison: Comparison, paint: Paint) -> Iterator[str]:
    seeds = comparison.plan.seeds
    count = plural(len(comparison.variants), "variant")
    each = f"{seeds} seeds each: mean ± standard deviation" if seeds > 1 else "one seed each"
    yield f"{printable(comparison.plan.spec.name)}: {count}, {each}"
    yield ""
    remarks = [printable(remark(comparison, variant)) for variant in comparison.variants]
    short = [
        said for said, one in zip(remarks, comparison.variants, strict=True) if one.ended and said
    ]
    columns = [_Column(_head(name), cells(comparison, name)) for name in chosen_columns(comparison)]
    taken = max(map(display_width, short), default=0)
    while len(columns) > 1 and WIDTH - taken - _total(columns) < MIN_NAME:
        columns.pop()
    room = max(MIN_NAME, WIDTH - taken - _total(columns))
    names = [_cut(printable(variant.name), room) for variant in comparison.variants]
    width = max(map(display_width, ["variant", *names]))
    for number, first in enumerate(("", "variant") if columns else ()):
        heads = [column.heads[number].ljust(column.width) for column in columns]
        yield paint(GAP.join([first.ljust(width), *heads]).rstrip(), "frame")
    for row, variant in enumerate(comparison.variants):
        numbers = [column.cells[row].ljust(column.width) for column in columns]
        said = [*numbers, remarks[row]] if variant.ended else [remarks[row]]
        name = names[row] + " " * (width - display_width(names[row]))
        line, style = GAP.join([name, *said]).rstrip(), _style(comparison, variant)
        yield paint(line, style) if style else line


def _total(columns: list[_Column]) -> int:
    """Return the width of columns with the gaps around them."""
    return sum(column.width + len(GAP) for column in columns) + len(GAP)


def _head(column: str) -> tuple[str, str]:
    part, _, measure = column_title(column).partition(" ")
    return part, measure


def _cut(name: str, room: int) -> str:
    while display_width(name) > room:
        name = f"{name.removesuffix('…')[:-1]}…"
    return name


def _style(comparison: Comparison, variant: VariantResults) -> str:
    if variant.divergence:
        return "warning"
    return "good" if variant is comparison.best and len(comparison.ranked) > 1 else ""
