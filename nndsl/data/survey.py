"""A look at a table before anything is known of it: separators, and what each column holds.

Reasons and labels come from the file, and go into a page: what is shown of them is `shown`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

from nndsl.data import DataError
from nndsl.data.dates import doubt_of_order, forms, moment
from nndsl.data.leaks import leaks
from nndsl.data.script_text import quoted
from nndsl.data.table import (
    DECIMAL_COMMA,
    MAX_LINE,
    MAX_TEXTS,
    MISSING,
    PARQUET,
    Table,
    TableColumn,
    levels,
    number_of,
    open_rows,
    open_text,
    read_columns,
    read_header,
    readable,
    require_columns,
    require_rows,
    with_decimal_points,
)
from nndsl.record import record

MAX_CATEGORIES = 20
MAX_CLASSES = 20  # of a target of whole numbers
ROWS_OF_A_KIND = 20  # at least, on average: rarer ones may be what rows belong to
ROWS_OF_A_CLASS = 5  # at least, on average
_MIN_ROWS = 10  # so that each part has some
_LOOKED_AT = 1000  # rows, to find the decimal comma
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")  # or decimals, three in each row
_WITH_SIGN = re.compile(r"[^\w\s]?\s?[-+]?\d[\d.,]*\s?([^\W\d]{1,5}|[^\w\s])?")  # $5, 3 kg, 7%
_ROW_NAMES = ("id", "ids", "index", "no", "nr", "number", "row", "key", "uuid")


@record
class SurveyedColumn:
    """What to make of a column, and why.

    It is a "number", a "category", "mixed" (numbers and texts: categories), a "date", or "" (left
    out).
    """

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
    series: str = ""  # the column of kinds, of each of which the rows are sorted so, if not all


def shown(text: str, most: int = 40) -> str:
    """Return what can stand in a line of a page: one line, no control characters, not too long."""
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    return "".join(c if c.isprintable() else " " for c in cut)


def survey(path: Path, target: str | None) -> Survey:
    """Look at all of a table. DataError where it cannot be read, or no page can be made of it."""
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
        with_points: dict[str, tuple[str, int]] = {}
        if decimal == ",":
            rows = with_decimal_points(rows, header, (), with_points)
        table = read_columns(
            rows,
            header,
            name,
            ignored=(),
            categorical={target},
            missing="mean",
            targets=(target,),
            max_levels=MAX_TEXTS,
        )
    require_rows(table.rows + table.left_out, name, "file")
    if not table.rows:
        raise DataError(f"the column `{target}` holds no values: there is nothing to predict")
    if table.rows < _MIN_ROWS:
        few = "1 row is" if table.rows == 1 else f"{table.rows} rows are"
        raise DataError(f"{few} too few to train, validate and test with")
    columns = {column.name: column for column in table.columns}
    _find_dates(path, name, delimiter, table)
    inputs = tuple(
        _look_at(column, table, with_points.get(column.name))
        for column in table.columns
        if column.name != target
    )
    if not any(column.kind for column in inputs):
        why = "; ".join(f"`{shown(c.name)}`: {c.reason}" for c in inputs[:5])
        raise DataError(f"no column of `{name}` can be an input", why)
    classes, are_numbers = _classes(columns[target], table, with_points.get(target))
    inputs = _doubted(inputs, table, target, bool(classes))
    moments = next((c.name for c in inputs if c.kind == "date"), "")
    is_sorted = bool(moments) and _is_sorted(_sample(table, columns[moments]), columns[moments])
    kinds = (c.name for c in inputs if c.kind == "category" and moments and not is_sorted)
    series = next((name for name in kinds if _sorts_each(table, name, columns[moments])), "")
    return Survey(
        delimiter,
        decimal,
        target,
        inputs,
        classes,
        are_numbers,
        table.rows,
        table.left_out,
        moments if is_sorted or series else "",
        series,
    )


def _delimiter(path: Path) -> str:
    """Return the character that separates most values of the first line with any."""
    if path.suffix == PARQUET:
        return ","
    with readable(str(path), "file"), open_text(path, "replace") as file:
        line = next(
            (line for line in iter(lambda: file.readline(MAX_LINE), "") if line.strip()), ""
        )
    unquoted = re.sub(r'"[^"]*"', "", line)
    found = Counter(character for character in unquoted if character in ",;\t|")
    return max(found, key=found.__getitem__) if found else ","


def _has_decimal_commas(path: Path, name: str, delimiter: str) -> bool:
    """Does a column hold numbers alone, some of them with a comma for decimals?

    Not where commas separate the values: 1,234 in quotes is a thousand there.
    """
    if delimiter == ",":
        return False
    with open_rows(path, name, delimiter, "file") as rows:
        sample = [row for _, row in islice(rows, 1, _LOOKED_AT + 1)]
    for values in zip(*sample, strict=False):
        present = [value for value in values if value not in MISSING]
        commas = [value for value in present if DECIMAL_COMMA.fullmatch(value)]
        others = (v for v in present if number_of(v) is None and not DECIMAL_COMMA.fullmatch(v))
        if next(others, None) is None and not all(map(_THOUSANDS.fullmatch, commas)):
            return True
    return False


def _find_dates(path: Path, name: str, delimiter: str, table: Table) -> None:
    """Leave each column the forms in which all of its texts are dates.

    Where there were too many different ones to keep, the file is read once more.
    """
    for column in table.columns:
        texts = column.levels if column.text and not column.number else ("",)
        column.date_forms = forms(texts)
    many = {c.name: c for c in table.columns if c.date_forms and len(c.levels) > MAX_TEXTS}
    if many:
        with open_rows(path, name, delimiter, "file") as rows:
            header = read_header(rows, name, "file")
            others = {*header} - {*many}
            read = read_columns(
                rows, header, name, ignored=others, categorical=(), moments=many, missing="mean"
            )
        for column in read.columns:
            many[column.name].date_forms = column.date_forms


def _look_at(
    column: TableColumn, table: Table, with_point: tuple[str, int] | None
) -> SurveyedColumn:
    kind, reason = _kind(column, table)
    if with_point and kind not in ("", "mixed"):
        value, line = with_point
        kind, reason = "", f"{shown(value)} in line {line} has a point, others a decimal comma"
    return SurveyedColumn(column.name, kind, reason, column.missing)


def _doubted(
    inputs: tuple[SurveyedColumn, ...], table: Table, target: str, has_classes: bool
) -> tuple[SurveyedColumn, ...]:
    """Return the columns, without copies of the target if others are left; doubts are said."""
    names = [c.name for c in inputs if c.kind not in ("", "date")]
    found = leaks(table, target, names, has_classes=has_classes)
    others = [c for c in inputs if c.kind and not (c.name in found and found[c.name].is_copy)]
    return tuple(
        c
        if c.name not in found
        else replace(c, kind="", reason=f"it {found[c.name].says}")
        if found[c.name].is_copy and others
        else replace(
            c, reason=f"{c.reason}. It {found[c.name].says}: `ignore` it if it is not known before"
        )
        for c in inputs
    )


def _kind(column: TableColumn, table: Table) -> tuple[str, str]:
    """Return what a column holds, and a reason in words."""
    if column.is_empty:
        return "", "it holds no values"
    if column.infinite is not None:
        return "", f"{shown(column.infinite[0])} in line {column.infinite[1]} is no finite number"
    values = _sample(table, column)
    if column.text is None:
        if len(set(values)) == 1 and len(values) > 1:
            return "", "all of its values are equal, as far as was looked"
        if _names_rows(column.name, values):
            return "", "it names the rows, or counts them"
        return "number", "numbers"
    count = len(column.levels)
    text = f"`{shown(column.text[0])}` in line {column.text[1]}"
    if column.date_forms:
        first = column.date_forms[0]
        doubt = doubt_of_order((moment(text, first) for text in column.levels), column.date_forms)
        if doubt:
            return "date", f"dates {doubt}: if that is meant, write YYYY-MM-DD there"
        return "date", f"dates, {column.text[0]}"
    if DECIMAL_COMMA.fullmatch(column.text[0]):
        return "", f"{text} is a number with a comma: of thousands, or of decimals"
    if column.number is not None:
        found = f"the number {shown(column.number[0])}, and the text {text}"
        if count > MAX_CATEGORIES or len(set(values)) > MAX_CATEGORIES:
            return "", f"it mixes {found}"
        return "mixed", f"kinds: {found}"
    if count == 1:
        return "", "it holds one text only"
    if count > MAX_CATEGORIES and all(map(_WITH_SIGN.fullmatch, column.levels)):
        return "", f"{text} is a number with a sign or a unit: keep only the number"
    if count > min(MAX_TEXTS, max(MAX_CATEGORIES, table.rows // 2)):
        more = "more than " * (count > MAX_TEXTS)
        different = f"{more}{min(count, MAX_TEXTS):,} different texts"
        return "", f"{different} in {table.rows:,} rows: no kinds of things"
    if count <= MAX_CATEGORIES:
        return "category", f"{count:,} kinds"
    reason = f"{count:,} kinds: {MAX_CATEGORIES - 1} frequent ones, and one for all others"
    if table.rows < ROWS_OF_A_KIND * count:  # a patient, a shop, a guest
        reason += "; if rows of one belong together, put it in `groups` and leave out `split`"
    return "category", reason


def _sample(table: Table, column: TableColumn) -> list[str]:
    position = table.header.index(column.name)
    return [row[position] for row in table.sample if row[position] not in MISSING]


def _names_rows(name: str, values: Sequence[str]) -> bool:
    """Is this an identifier: by its name, and since all are whole and different?"""
    if name.lower().replace("-", "_").replace(" ", "_").rpartition("_")[2] not in _ROW_NAMES:
        return False
    return len(set(values)) == len(values) > 2 and all(v.lstrip("-").isdigit() for v in values)


def _classes(
    column: TableColumn, table: Table, with_point: tuple[str, int] | None
) -> tuple[dict[str, int], bool]:
    """Return the classes of a target, and whether numbers are among them; none of a quantity.

    Whole numbers are classes where there are few of them, and each occurs often. DataError.
    """
    name, text, infinite, found = column.name, column.text, column.infinite, dict(column.levels)
    if text is None and infinite is not None:
        raise DataError(f"`{name}` is no finite number in line {infinite[1]}: {shown(infinite[0])}")
    if text is not None and DECIMAL_COMMA.fullmatch(text[0]):
        wrong = f"`{name}` is a number with a comma in line {text[1]}: {shown(text[0])}"
        raise DataError(wrong, "write it without a comma of thousands, and a point for decimals")
    if text is None and with_point is not None:
        value, line = with_point
        wrong = f"`{name}` is a number with a point in line {line}: {shown(value)}"
        raise DataError(wrong, "other columns have decimal commas: write all numbers the same way")
    if len(found) == 1:
        only = quoted(shown(next(iter(found))))
        raise DataError(f"`{name}` is {only} in each row: there is nothing to learn")
    numbers = [number for level in found if (number := number_of(level)) is not None]
    if text is None:
        few = len(found) <= MAX_CLASSES and table.rows >= ROWS_OF_A_CLASS * len(found)
        whole = all(number == int(number) for number in numbers)
        if not (whole and few) and len(found) > 2:
            return {}, False
    levels(table, column, numeric=text is None, field="target")  # not too many of them?
    return found, bool(numbers)


def _is_sorted(values: Sequence[str], column: TableColumn) -> bool:
    moments = [moment(value, column.date_forms[0]) for value in values]
    return all(a <= b for a, b in pairwise(moments)) and len(set(moments)) > len(moments) // 2


def _sorts_each(table: Table, kinds: str, column: TableColumn) -> bool:
    """Are the rows of each kind in the order of time, and so many that this is no chance?"""
    of_kind, at = table.header.index(kinds), table.header.index(column.name)
    found: dict[str, list[str]] = {}
    for row in table.sample:
        if row[at] not in MISSING:
            found.setdefault(row[of_kind], []).append(row[at])
    many = min(map(len, found.values()), default=0) >= ROWS_OF_A_CLASS
    return many and all(_is_sorted(values, column) for values in found.values())
