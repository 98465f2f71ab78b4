"""Tables for people: cells as wide as their columns, folded where a terminal is narrow."""

import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

GAP = "  "
BELOW = "    "  # what stands before the columns that had no room above
USUAL = 80  # columns of a terminal, and of a file


def padded(
    rows: Iterable[Sequence[str]],
    right: Collection[int] = (),
    width_of: Callable[[str], int] = len,
) -> Iterator[list[str]]:
    """Yield the cells of each row, filled up to the widest of their column.

    Those of the columns `right`, by number, stand at the right, as numbers do. Rows are equally
    long. `width_of` says how many columns of a terminal a text takes.
    """
    rows = list(rows)
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        gaps = [" " * (width - width_of(cell)) for cell, width in zip(row, widths, strict=True)]
        yield [
            gap + cell if number in right else cell + gap
            for number, (cell, gap) in enumerate(zip(row, gaps, strict=True))
        ]


def folded(
    rows: Iterable[Sequence[str]],
    right: Collection[int] = (),
    width_of: Callable[[str], int] = len,
) -> Iterator[str]:
    """Yield each row as a text, as `padded` fills it up.

    In a narrow terminal, columns that have no room beside those before them stand below, in a
    line of their own, the heads as well as the cells: so they are still columns.
    """
    groups: list[list[int]] = []
    taken, room = 0, narrow_room()
    for row in padded(rows, right, width_of):
        if not groups:
            for number, cell in enumerate(row):
                taken += len(GAP) + width_of(cell)
                if not groups or (room is not None and taken > room):
                    groups.append([])
                    taken = len(BELOW) * (len(groups) > 1) + width_of(cell)
                groups[-1].append(number)
        lines = [GAP.join(row[number] for number in group).rstrip() for group in groups]
        yield f"\n{BELOW}".join([lines[0], *filter(None, lines[1:])])


def narrow_room() -> int | None:
    """Return how many columns a terminal has that is narrower than usual; None for another."""
    columns = shutil.get_terminal_size((USUAL, 24)).columns
    return columns if columns < USUAL else None
