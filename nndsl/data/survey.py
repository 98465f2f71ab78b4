"""A look at a table before anything is known of it: separators, and what each column holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path

from nndsl.data import DataError
from nndsl.data.dates import forms
from nndsl.data.table import (
    DECIMAL_COMMA,
    MAX_LINE,
    MAX_TEXTS,
    MISSING,
    Table,
    TableColumn,
    number_of,
    open_rows,
    open_text,
    read_columns,
    read_header,
    require_columns,
    require_rows,
    with_decimal_points,
)
from nndsl.record import record

MAX_CATEGORIES = 20
MAX_CLASSES = 20  # of a target of whole numbers
ROWS_OF_A_CLASS = 5  # at least, on average
_LOOKED_AT = 1000  # rows, to find the decimal comma
_ROW_NAMES = ("id", "ids", "index", "no", "nr", "number", "row", "key", "uuid")


@record
class SurveyedColumn:
    """What to make of a column: "number", "category", "date" or "" (left out), and why."""

    name: str
    kind: str
    reason: str
    missing: int = 0


@record
class Survey:
    """What a table holds. `classes` are how many rows each class of the target has, if it has."""

    delimiter: str
    decimal: str
    target: str
    inputs: tuple[SurveyedColumn, ...]
    classes: dict[str, int]  # empty: the target is numbers
    numbers_are_classes: bool
    rows: int  # with a target
    without_target: int
    in_order: str  # the column of moments that the rows are sorted by, or ""


def survey(path: Path, target: str | None) -> Survey:
    """Look at all of a table. DataError where it cannot be read, or has no such target."""
    name = str(path)
    delimiter = _delimiter(path)
    with open_rows(path, name, delimiter, "file") as rows:
        header = read_header(rows, name, "file")
        listed = ", ".join(f"`{column}`" for column in header[:30])
        if target is None:
            wrong = f"which column is to be predicted? `{name}` has {listed}"
            raise DataError(wrong, "write --target NAME")
        require_columns(header, [target], "target")
        if len(header) < 2:
            raise DataError(f"`{name}` has one column only, and no inputs")
        decimal = "," if _has_decimal_commas(path, name, delimiter) else "."
        read = with_decimal_points(rows, header, ()) if decimal == "," else rows
        table = read_columns(
            read,
            header,
            name,
            ignored=(),
            categorical={target},
            missing="mean",
            targets=(target,),
            max_levels=MAX_TEXTS,
        )
    require_rows(table.rows, name, "file")
    columns = {column.name: column for column in table.columns}
    inputs = tuple(_look_at(column, table) for name, column in columns.items() if name != target)
    classes, are_numbers = _classes(columns[target], table.rows)
    moments = next((c.name for c in inputs if c.kind == "date"), "")
    return Survey(
        delimiter,
        decimal,
        target,
        inputs,
        classes,
        are_numbers,
        table.rows,
        table.left_out,
        moments if moments and _is_sorted(table, columns[moments]) else "",
    )


def _delimiter(path: Path) -> str:
    """Return the character that separates most values of the first line with any."""
    with open_text(path, "replace") as file:
        line = next(
            (line for line in iter(lambda: file.readline(MAX_LINE), "") if line.strip()), ""
        )
    unquoted = re.sub(r'"[^"]*"', "", line)
    found = Counter(character for character in unquoted if character in ",;\t|")
    return max(found, key=found.__getitem__) if found else ","


def _has_decimal_commas(path: Path, name: str, delimiter: str) -> bool:
    """Does a column hold numbers alone, some of them with a comma for decimals?"""
    with open_rows(path, name, delimiter, "file") as rows:
        sample = [row for _, row in islice(rows, 1, _LOOKED_AT + 1)]
    for values in zip(*sample, strict=False):
        present = [value for value in values if value not in MISSING]
        commas = [value for value in present if DECIMAL_COMMA.fullmatch(value)]
        others = (v for v in present if number_of(v) is None and not DECIMAL_COMMA.fullmatch(v))
        if commas and next(others, None) is None:
            return True
    return False


def _look_at(column: TableColumn, table: Table) -> SurveyedColumn:
    kind, reason = _kind(column, table)
    return SurveyedColumn(column.name, kind, reason, column.missing)


def _kind(column: TableColumn, table: Table) -> tuple[str, str]:
    """Return what a column holds, and a reason in words."""
    if column.number is None and column.text is None and column.infinite is None:
        return "", "it holds no values"
    if column.infinite is not None:
        return "", f"{column.infinite[0]} in line {column.infinite[1]} is no finite number"
    values = _sample(table, column)
    if column.text is None:
        if len(set(values)) == 1 and len(values) > 1:
            return "", "all of its values are equal, as far as was looked"
        if _names_rows(column.name, values):
            return "", "it names the rows, or counts them"
        return "number", "numbers"
    levels = len(column.levels)
    if column.number is None and forms(column.levels):
        return "date", f"dates, {column.text[0]}"
    if column.number is not None:
        found = f"the number {column.number[0]}, and the text `{column.text[0][:40]}`"
        if levels > MAX_CATEGORIES or len(set(values)) > MAX_CATEGORIES:
            return "", f"it mixes {found} in line {column.text[1]}"
        return "category", f"kinds: {found}"
    if levels == 1:
        return "", "it holds one text only"
    if levels > max(MAX_CATEGORIES, table.rows // 2):
        return "", f"{levels:,} different texts in {table.rows:,} rows: no kinds of things"
    return "category", f"{levels:,} kinds"


def _sample(table: Table, column: TableColumn) -> list[str]:
    position = table.header.index(column.name)
    return [row[position] for row in table.sample if row[position] not in MISSING]


def _names_rows(name: str, values: Sequence[str]) -> bool:
    """Is this an identifier: by its name, and since all are whole and different?"""
    if name.lower().replace("-", "_").replace(" ", "_").rpartition("_")[2] not in _ROW_NAMES:
        return False
    return len(set(values)) == len(values) > 2 and all(v.lstrip("-").isdigit() for v in values)


def _classes(column: TableColumn, rows: int) -> tuple[dict[str, int], bool]:
    """Return the classes of a target, and whether numbers are among them; none of a quantity.

    Whole numbers are classes where there are few of them, and each occurs often.
    """
    levels = dict(column.levels)
    numbers = [number_of(level) for level in levels]
    if not all(number is not None for number in numbers):
        return levels, any(number is not None for number in numbers)
    whole = all(number == int(number) for number in numbers if number is not None)
    few = len(levels) <= MAX_CLASSES and rows >= ROWS_OF_A_CLASS * len(levels)
    return (levels, True) if (whole and few) or len(levels) == 2 else ({}, False)


def _is_sorted(table: Table, column: TableColumn) -> bool:
    from datetime import datetime

    form = forms(column.levels)[0]
    moments = [datetime.strptime(value, form) for value in _sample(table, column)]
    return all(a <= b for a, b in pairwise(moments)) and len(set(moments)) > len(moments) // 2
