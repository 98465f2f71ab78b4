"""New examples in CSV files, read as training reads its own, without numpy.

A mistake is a DataError that names the row (1 is the first example) and its line in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from nndsl.vocabulary.dataset import Column, DataError
from nndsl.vocabulary.literal import quoted
from nndsl.vocabulary.table import (
    LARGEST_NUMBER,
    MISSING,
    read_rows,
    read_table,
    require_columns,
)


@dataclass(frozen=True, slots=True)
class NewExamples:
    """Examples as rows of numbers, and for each the number of its row in the file, from 1.

    `unused` are the columns of the file that are no inputs.
    """

    numbers: list[list[float]]
    rows: list[int]
    unused: tuple[str, ...] = ()


def read_plain(path: Path, width: int) -> NewExamples:
    """Read rows of `width` numbers from a file without a header. DataError."""
    rows, lines, _ = read_rows(path, str(path), ",", "file", whole=True)
    if not rows:
        raise DataError(f"`{path}` is empty")
    for number, (row, line) in enumerate(zip(rows, lines, strict=True), 1):
        if len(row) != width:
            raise DataError(
                f"{_place(number, line)} has {len(row)} values, an example of the network {width}"
            )
    numbers = []
    for number, (row, line) in enumerate(zip(rows, lines, strict=True), 1):
        names = [f"value {position}" for position in range(1, width + 1)]
        try:
            numbers.append([_number(v, n, number, line) for v, n in zip(row, names, strict=True)])
        except DataError as error:
            if number > 1 or error.help:
                raise
            help = "the spec's data has no names for columns: leave the header out"
            raise DataError(error.message, help) from None
    return NewExamples(numbers, list(range(1, len(rows) + 1)))


def read_named(
    path: Path, inputs: Sequence[Column], *, delimiter: str, drop_missing: bool
) -> NewExamples:
    """Read a file whose header names all `inputs`, in any order. DataError.

    With `drop_missing` rows in which an input is missing are left out.
    """
    table = read_table(path, str(path), delimiter, "file", whole=True)
    names = [column.name for column in inputs]
    if len(table.header) == 1 and len(names) > 1:
        other = next((c for c in ";\t|," if c in table.header[0]), None)
        if other:
            raise DataError(
                f"`{path}` has one column only",
                f"its values are separated by {quoted(other)}, those of the spec's data by "
                f"{quoted(delimiter)}",
            )
    require_columns(table, names, "file")
    positions = [table.header.index(name) for name in names]
    numbers: list[list[float]] = []
    kept: list[int] = []
    for number, (row, line) in enumerate(zip(table.rows, table.lines, strict=True), 1):
        values = [row[position] for position in positions]
        missing = [name for name, value in zip(names, values, strict=True) if value in MISSING]
        if missing and drop_missing:
            continue
        if missing:
            raise DataError(
                f"{_place(number, line)}: `{missing[0]}` is missing",
                "training refuses such rows as well, unless the spec's data says missing=drop",
            )
        pairs = zip(inputs, values, strict=True)
        numbers.append([n for column, v in pairs for n in _encoded(column, v, number, line)])
        kept.append(number)
    if not numbers:
        raise DataError(f"no row of `{path}` is left: in each an input is missing")
    used = set(names)
    return NewExamples(numbers, kept, tuple(name for name in table.header if name not in used))


def _encoded(column: Column, value: str, row: int, line: int) -> Iterator[float]:
    if not column.levels:
        yield _number(value, f"`{column.name}`", row, line)
        return
    if value not in column.levels:
        known = ", ".join(f"`{level}`" for level in column.levels[:10])
        more = f" and {len(column.levels) - 10} more" if len(column.levels) > 10 else ""
        raise DataError(
            f"{_place(row, line)}: `{column.name}` is `{value}`, which was not there in training",
            f"it knows {known}{more}",
        )
    yield from (float(value == level) for level in column.levels)


def _number(value: str, name: str, row: int, line: int) -> float:
    try:
        number = float(value) if "_" not in value else None
    except ValueError:
        number = None
    if number is None:
        what = f"is no number: `{value[:80]}`" if value else "is missing"
        raise DataError(f"{_place(row, line)}: {name} {what}")
    if not isfinite(number) or abs(number) >= LARGEST_NUMBER:
        help = "a missing value is left empty in training, too" if number != number else None
        raise DataError(f"{_place(row, line)}: {name} is no finite number: {value}", help)
    return number


def _place(row: int, line: int) -> str:
    return f"row {row} (line {line})"
