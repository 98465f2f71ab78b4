"""New examples, in CSV files and in columns, taken as those of training were, without numpy.

A mistake is a DataError that names the row (1 is the first example) and its line in the file.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite, nan
from pathlib import Path
from typing import Any

from nndsl.data import MAX_NUMBER, Column, DataError
from nndsl.data.dates import date_parts, is_written
from nndsl.data.script_text import quoted
from nndsl.data.table import (
    MISSING,
    number_of,
    open_rows,
    read_header,
    require_columns,
    require_delimiter,
    require_rows,
    shown_columns,
    with_decimal_points,
    wrong_width,
)

Frame = Any  # of pandas or polars: columns that are found by their names
_ABSENT = ("None", "<NA>", "NaT")  # what str() makes of values that are missing


@dataclass(frozen=True, slots=True)
class NewExamples:
    """Examples as rows of numbers, and the number of each row in the file, from 1.

    `unused` are the columns of the file that are no inputs, `lacking` the rows that hold no
    example, since an input is missing.
    """

    numbers: list[list[float]]
    rows: list[int]
    unused: tuple[str, ...] = ()
    lacking: Sequence[int] = ()


def read_plain(path: Path, width: int) -> NewExamples:
    """Read rows of `width` numbers from a file without a header. DataError."""
    numbers: list[list[float]] = []
    with open_rows(path, str(path), ",", "file") as rows:
        for number, (line, row) in enumerate(rows, 1):
            if len(row) != width:
                values = "1 value" if len(row) == 1 else f"{len(row)} values"
                raise DataError(
                    f"{_place(number, line)} has {values}, an example of the network {width}"
                )
            try:
                named = enumerate(row, 1)
                numbers.append([_number(v, f"value {n}", number, line) for n, v in named])
            except DataError as error:
                if number > 1 or error.help:
                    raise
                help = "the spec's data has no names for columns: leave the header out"
                raise DataError(error.message, help) from None
    if not numbers:
        raise DataError(f"`{path}` is empty")
    return NewExamples(numbers, list(range(1, len(numbers) + 1)))


def read_named(
    path: Path | Frame,
    inputs: Sequence[Column],
    *,
    delimiter: str,
    missing: str = "error",
    decimal: str = ".",
    needed: Collection[str] = (),
) -> NewExamples:
    """Read a file or a frame whose columns name all `inputs`, in any order. DataError.

    Rows in which an input is `missing` are left out with "drop", and counted as `lacking`; what is
    filled in later is nan here. A row without one of the `needed` is left out as well.
    """
    if not isinstance(path, Path):
        values, unused = python_rows(path, inputs)
        found = encode(((0, row) for row in values), inputs, missing, "examples", needed)
        return replace(found, unused=unused)
    names = [column.name for column in inputs]
    with open_rows(path, str(path), delimiter, "file") as rows:
        header = read_header(rows, str(path), "file")
        if len(names) > 1:
            help = (
                f"its values are separated by {{}}, those of the spec's data by {quoted(delimiter)}"
            )
            require_delimiter(header, delimiter, str(path), help, "file")
        require_columns(header, names, "file")
        if decimal == ",":
            texts = {c.name for c in inputs if c.levels or c.date or c.order}
            rows = with_decimal_points(rows, header, {*header} - {*names} | texts)
        positions = [header.index(name) for name in names]

        def chosen() -> Iterator[tuple[int, list[str]]]:
            for line, row in rows:
                if len(row) != len(header):
                    raise wrong_width(row, line, header, str(path), "file")
                yield line, [row[position] for position in positions]

        found = encode(chosen(), inputs, missing, str(path), needed)
    used = set(names)
    return replace(found, unused=tuple(name for name in header if name not in used))


def encode(
    rows: Iterable[tuple[int, Sequence[str]]],
    inputs: Sequence[Column],
    missing: str,
    name: str,
    needed: Collection[str] = (),
) -> NewExamples:
    """Make numbers of rows that hold a value for each of `inputs`. DataError.

    With each row stands its line in a file, or 0. `name` is what holds them, `missing` as above.
    """
    numbers: list[list[float]] = []
    kept: list[int] = []
    lacking: list[int] = []
    for number, (line, values) in enumerate(rows, 1):
        pairs = list(zip(inputs, values, strict=True))
        absent = [column.name for column, value in pairs if value in MISSING]
        if absent and (missing == "drop" or not {*absent}.isdisjoint(needed)):
            lacking.append(number)
            continue
        if absent and missing == "error":
            raise DataError(
                f"{_place(number, line)}: `{absent[0]}` is missing",
                "training refuses such rows as well, unless the spec's data says missing=drop",
                line=line,
            )
        numbers.append([n for column, v in pairs for n in _encoded(column, v, number, line)])
        kept.append(number)
    require_rows(len(kept) + len(lacking), name, "file")
    if not numbers:
        raise DataError(f"no row of `{name}` is left: in each an input is missing")
    return NewExamples(numbers, kept, lacking=lacking)


def python_rows(examples: Any, inputs: Sequence[Column]) -> tuple[list[list[str]], tuple[str, ...]]:
    """Return the values of the inputs in each row, and the names of columns without a use.

    A table is one of columns by name, or of rows with the values in the order of the inputs.
    """
    names = [column.name for column in inputs]
    unused: tuple[str, ...] = ()
    if isinstance(examples, Mapping) or hasattr(examples, "columns"):
        given = examples if isinstance(examples, Mapping) else examples.columns
        header = {str(name): name for name in given}
        require_columns(list(header), names, "examples")
        unused = tuple(name for name in header if name not in names)
        columns = [_listed(examples[header[name]]) for name in names]
        lengths = {len(column) for column in columns}
        if len(lengths) > 1:
            raise DataError(f"the columns differ in length: {', '.join(map(str, sorted(lengths)))}")
        rows = [list(row) for row in zip(*columns, strict=True)]
    else:
        rows = [_listed(row) for row in _listed(examples)]
        wrong = next((n for n, row in enumerate(rows, 1) if len(row) != len(names)), None)
        if wrong is not None:
            raise DataError(
                f"row {wrong} is no row of {len(names)} values",
                f"they stand in the order of the columns: {shown_columns(names)}",
            )
    found = [[written(v, c) for v, c in zip(row, inputs, strict=True)] for row in rows]
    return found, unused


def _listed(values: Any) -> list[Any]:
    """Return several values as a list; one stands alone."""
    is_one = isinstance(values, str | bytes | Mapping) or not hasattr(values, "__iter__")
    return [values] if is_one or getattr(values, "ndim", 1) == 0 else list(values)


def written(value: Any, column: Column) -> str:
    """Return a value of Python as the column of a file holds it.

    What came with it is undone: 3.0 for a kind of thing called 3, since one value is missing, or
    True for one called true.
    """
    if column.date is not None and isinstance(value, date):
        try:
            return value.strftime(column.date.form)
        except ValueError:  # pandas' NaT, which is a date as well
            return ""
    text = str(value).strip()
    if text in _ABSENT and not isinstance(value, str):
        return ""
    known = column.levels or column.order
    if known and text not in known:
        called = (text.removesuffix(".0"), text.lower(), text.upper())
        return next((name for name in called if name in known), text)
    return text


def _encoded(column: Column, value: str, row: int, line: int) -> Iterator[float]:
    if value in MISSING:
        yield from [nan] * column.encoded
        return
    if column.date is not None:
        if not is_written(value, column.date.form):
            raise DataError(
                f"{_place(row, line)}: `{column.name}` is `{value[:80]}`, and no date as those of "
                f"training, which are {column.date.form}",
                line=line,
                value=value,
            )
        yield from date_parts(value, column.date)
        return
    if column.order:
        if value not in column.order:
            known = ", ".join(f"`{text}`" for text in column.order[:10])
            wrong = f"`{column.name}` is `{value}`, which has no place in its order"
            help = f"it knows {known}"
            raise DataError(f"{_place(row, line)}: {wrong}", help, line=line, value=value)
        yield column.order.index(value)
        return
    if not column.levels:
        yield _number(value, f"`{column.name}`", row, line)
        return
    if value not in column.levels and not column.has_other:
        known = ", ".join(f"`{level}`" for level in column.levels[:10])
        more = f" and {len(column.levels) - 10} more" if len(column.levels) > 10 else ""
        raise DataError(
            f"{_place(row, line)}: `{column.name}` is `{value}`, which was not there in training",
            f"it knows {known}{more}",
            line=line,
            value=value,
        )
    yield from (float(value == level) for level in column.levels)
    if column.has_other:
        yield float(value not in column.levels)


def _number(value: str, name: str, row: int, line: int) -> float:
    number = number_of(value)
    if number is None:
        what = f"is no number: `{value[:80]}`" if value else "is missing"
        raise DataError(f"{_place(row, line)}: {name} {what}", line=line, value=value)
    if not isfinite(number) or abs(number) >= MAX_NUMBER:
        help = "a missing value is left empty in training, too" if number != number else None
        wrong = f"{_place(row, line)}: {name} is no finite number: {value}"
        raise DataError(wrong, help, line=line, value=value)
    return number


def _place(row: int, line: int) -> str:
    return f"row {row} (line {line})" if line else f"row {row}"
