"""Tables for people: cells as wide as their columns."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence


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
