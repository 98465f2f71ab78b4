"""Tables in CSV files: read row by row, with a summary of each column, without numpy.

The first line names the columns. Texts are UTF-8, quoted as usual; spaces around a value do not
count, and lines without a value are skipped.
"""

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from itertools import compress, islice
from math import inf, isfinite
from pathlib import Path
from typing import IO

from nndsl.data import MAX_NUMBER, DataError, list_missing
from nndsl.data.dates import FORMATS, DateForm, date_form, forms, moment
from nndsl.data.script_text import quoted
from nndsl.source import Source, Span

PARQUET = ".parquet"
MAX_TABLE = 2_000_000_000  # bytes
MAX_LINE = 10_000_000  # characters
MISSING = ("", "?", "NA", "N/A", "n/a", "NaN", "nan", "null")  # for a missing value
MAX_COLUMNS = 10_000
MAX_LEVELS = 1000  # of a column
MAX_TEXTS = 100_000  # that are counted, where only the most frequent become columns

_LAYOUT = "the first line names the columns; each line after it is an example"
MAX_SHOWN = 10_000  # characters of a line
_BATCH = 1000  # rows that are processed together
_MARKS = frozenset(MISSING)
DECIMAL_COMMA = re.compile(r"[-+]?\d+(\.\d{3})*,\d+")
_WITH_COMMA = re.compile(r"[-+]?(\d+|\d{1,3}(\.\d{3})+)(,\d*)?([eE][-+]?\d+)?")

Row = list[str]
Found = tuple[str, int]  # a value and its line


@dataclass(slots=True)
class TableColumn:
    """A summary of a column. `levels` are its distinct texts, up to a limit."""

    name: str
    is_categorical: bool = False  # numbers count as texts
    number: Found | None = None  # the first one of each kind
    text: Found | None = None
    infinite: Found | None = None
    levels: Counter[str] = field(default_factory=Counter)
    missing: int = 0
    is_moment: bool = False
    date_forms: list[str] = field(default_factory=lambda: list(FORMATS))  # in which all fit
    first: dict[str, datetime] = field(default_factory=dict)  # moment, by form
    last: dict[str, datetime] = field(default_factory=dict)
    max_levels: int = MAX_LEVELS
    low: float = inf  # of its numbers
    high: float = -inf

    @property
    def is_empty(self) -> bool:
        """Whether no row holds a value of it."""
        return not (self.number or self.text or self.infinite or self.first)

    def add(self, values: Sequence[str], lines: Sequence[int]) -> None:
        """Add values and their lines."""
        if self.is_moment:
            self._add_moments(values, lines)
            return
        if self.text is None and not self.is_categorical and (ends := _all_numbers(values)):
            self.number = self.number or (values[0], lines[0])
            self.low, self.high = min(self.low, ends[0]), max(self.high, ends[1])
            return
        for value, count in Counter(values).items():
            if value in self.levels:
                self.levels[value] += count
                continue
            if len(self.levels) > self.max_levels:
                continue
            found = value, lines[values.index(value)]
            size = number_of(value)
            if size is None:
                self.text = self.text or found
            elif isfinite(size) and abs(size) < MAX_NUMBER:
                self.number = self.number or found
                self.low, self.high = min(self.low, size), max(self.high, size)
            else:
                self.infinite = self.infinite or found
            if size is None or self.is_categorical:
                self.levels[value] = count

    def _add_moments(self, values: Sequence[str], lines: Sequence[int]) -> None:
        different = dict.fromkeys(values)
        left = forms(different, self.date_forms)
        if not left and self.date_forms:
            wrong = next(v for v in values if not forms([v], self.date_forms))
            self.text = wrong, lines[values.index(wrong)]
        self.date_forms = left
        for form in left:
            moments = [moment(value, form) for value in different]
            self.first[form] = min([*moments, self.first.get(form, moments[0])])
            self.last[form] = max([*moments, self.last.get(form, moments[0])])


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file, and a sample of its rows."""

    columns: tuple[TableColumn, ...]
    rows: int  # without those left out
    left_out: int  # rows with missing values
    sample: list[Row]

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


@contextmanager
def open_rows(
    path: Path, name: str, delimiter: str, field: str
) -> Iterator[Iterator[tuple[int, Row]]]:
    """Open a file, called `name`, and iterate over its rows, with the last line of each.

    Empty lines are skipped. DataError about `field`.
    """
    if path.suffix == PARQUET:
        yield _parquet_rows(path, name, field)
        return
    with readable(name, field):
        try:
            with open_text(path) as file:
                if path.stat().st_size > MAX_TABLE:
                    raise DataError(f"`{name}` is larger than {MAX_TABLE:_} bytes", field=field)
                yield _rows(file, name, delimiter, field)
        except UnicodeDecodeError:
            raise DataError(
                f"`{name}` is not in UTF-8: line {_undecodable_line(path)}",
                "save it as `CSV UTF-8`, as spreadsheets call it; or convert it: "
                f"iconv -f cp1252 -t utf-8 {path.name} > new.csv",
                field,
            ) from None


@contextmanager
def readable(name: str, field: str) -> Iterator[None]:
    """Raise DataError about `field` where the file called `name` cannot be read, or unpacked."""
    try:
        yield
    except (OSError, EOFError, zlib.error):
        raise DataError(f"`{name}` cannot be read", field=field) from None


def open_text(path: Path, errors: str = "strict") -> IO[str]:
    """Open a table as a text; one that is compressed is called `data.csv.gz`."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", newline="", encoding="utf-8-sig", errors=errors)
    return path.open(newline="", encoding="utf-8-sig", errors=errors)


def _parquet_rows(path: Path, name: str, field: str) -> Iterator[tuple[int, Row]]:
    """Yield the names of the columns, and rows of texts as `to_csv` would write them."""
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        wrong = f"pyarrow, which reads `{name}`, is missing"
        raise DataError(wrong, "pip install 'nndsl[tables]'", field) from None
    with readable(name, field):
        opened = path.open("rb")  # by Python, which asks whether it may: see `confined`
    try:
        with opened, parquet.ParquetFile(opened) as file:
            yield 0, [str(column).strip() for column in file.schema_arrow.names]
            line = 0
            for batch in file.iter_batches(batch_size=_BATCH):
                columns = [column.to_pylist() for column in batch.columns]
                for row in zip(*columns, strict=True):
                    line += 1
                    yield line, ["" if value is None else str(value).strip() for value in row]
    except (arrow.ArrowException, OSError):
        raise DataError(f"`{name}` is no Parquet file, or damaged", field=field) from None


def _rows(file: IO[str], name: str, delimiter: str, field: str) -> Iterator[tuple[int, Row]]:
    def lines() -> Iterator[str]:
        number = characters = 0
        while line := file.readline(MAX_LINE):
            number += 1
            characters += len(line)
            if characters > MAX_TABLE:  # though it is small where it is compressed
                raise DataError(f"`{name}` is larger than {MAX_TABLE:_} characters", field=field)
            if len(line) == MAX_LINE:
                raise DataError(
                    f"line {number} of `{name}` has more than {MAX_LINE:_} characters",
                    field=field,
                    line=number,
                )
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, skipinitialspace=True, strict=True)
    line, width = 0, 0  # of the previous row: its last line, its values
    try:
        for row in reader:
            line = reader.line_num
            values = [value.strip() for value in row]
            if values and (values != [""] or width == 1):
                width = len(values)
                yield line, values
    except csv.Error as error:
        if "field limit" in str(error):
            raise DataError(
                f"line {line + 1} of `{name}` holds a value that is too long",
                "is a quote opened there that is not closed?",
                field,
                line=line + 1,
            ) from None
        raise DataError(
            f"line {line + 1} of `{name}` opens a quote that is not closed before a delimiter",
            "a quote inside of a quoted value is written twice",
            field,
            line=line + 1,
            value='"',
        ) from None


def _undecodable_line(path: Path) -> int:
    """Return the number of the first line that is not UTF-8."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        numbered = enumerate(file, 1)
        return next((n for n, line in numbered if line.decode(errors="ignore").encode() != line), 0)


def read_header(rows: Iterator[tuple[int, Row]], name: str, field: str) -> tuple[str, ...]:
    """Read the names of the columns, the first row of a file called `name`. DataError."""
    _, header = next(rows, (0, []))
    if not header:
        raise DataError(f"`{name}` is empty", _LAYOUT, field)
    if len(header) > MAX_COLUMNS:
        raise DataError(f"`{name}` has more than {MAX_COLUMNS} columns", field=field)
    seen = {""}
    for position, column in enumerate(header, 1):
        if column in seen:
            what = f"is called `{column}`, as another one is" if column else "has no name"
            help = "row numbers of pandas, perhaps: to_csv(…, index=False) leaves them out"
            unnamed = help if not column and position == 1 else None
            raise DataError(f"column {position} of `{name}` {what}", unnamed, field)
        seen.add(column)
    return tuple(header)


def require_delimiter(
    header: Sequence[str], delimiter: str, name: str, help: str, field: str
) -> None:
    """Raise DataError if a file has one column, whose name holds a delimiter.

    `help` says what to do about another delimiter, which it has a place for.
    """
    other = next((c for c in ";\t|," if c in header[0]), None) if len(header) == 1 else None
    if other is not None:
        if other == delimiter:
            help = "each line stands in quotes as a whole, and so is one value: remove these quotes"
            field = "file"
        setting = f"delimiter={quoted(other)}" if field == "delimiter" else ""
        help = help.replace("{}", quoted(other))
        raise DataError(f"`{name}` has one column only", help, field, setting=setting)


def wrong_width(row: Row, line: int, header: Sequence[str], name: str, field: str) -> DataError:
    """Return the error for a row with more or fewer values than the header."""
    values = "1 value" if len(row) == 1 else f"{len(row)} values"
    return DataError(
        f"line {line} of `{name}` has {values}, and the header {len(header)}",
        field=field,
        line=line,
    )


def require_rows(count: int, name: str, field: str) -> None:
    """Raise DataError if a file has no rows."""
    if not count:
        raise DataError(f"`{name}` has no rows below its header", _LAYOUT, field)


def read_columns(
    rows: Iterator[tuple[int, Row]],
    header: Sequence[str],
    name: str,
    *,
    ignored: Collection[str],
    categorical: Collection[str],
    moments: Collection[str] = (),
    missing: str = "error",
    targets: Collection[str] = (),
    max_levels: int = MAX_LEVELS,
) -> Table:
    """Read the rows after the header, and summarize all columns but those `ignored`.

    The `categorical` columns may mix numbers and texts, `moments` are dates. Where a value is
    `missing` that is an error, or the row is left out ("drop"); whatever else is done, rows without
    a value of `targets` are left out. DataError about the file.
    """
    kept = [position for position, column in enumerate(header) if column not in ignored]
    columns = [
        TableColumn(
            header[position],
            header[position] in categorical,
            is_moment=header[position] in moments,
            max_levels=max_levels,
        )
        for position in kept
    ]
    needed = [c.name in targets or missing in ("error", "drop") for c in columns]
    most = max(20, min(1000, 100_000 // max(1, len(columns))))
    count, left_out, stride = 0, 0, 1
    sample: list[Row] = []
    first_missing, missing_at, mark = "", 0, ""
    while batch := list(islice(rows, _BATCH)):
        for line, row in batch:
            if len(row) != len(header):
                raise wrong_width(row, line, header, name, "file")
        filled = [(line, row) for line, row in batch if any(row)]
        lines = [line for line, _ in filled]
        table = [row for _, row in filled]
        if len(kept) < len(header):
            table = [[row[position] for position in kept] for row in table]
        marked = not all(map(_MARKS.isdisjoint, table))
        if marked:
            if not first_missing:
                number = next(n for n, row in enumerate(table) if not _MARKS.isdisjoint(row))
                column = next(
                    c.name for c, v in zip(columns, table[number], strict=True) if v in _MARKS
                )
                first_missing = f"in line {lines[number]} of `{name}` the value of `{column}`"
                missing_at, mark = lines[number], next(v for v in table[number] if v in _MARKS)
            for c, is_needed, values in zip(columns, needed, zip(*table, strict=True), strict=True):
                c.missing += is_needed * sum(value in _MARKS for value in values)
            whole = [_MARKS.isdisjoint(compress(row, needed)) for row in table]
            left_out += whole.count(False)
            lines, table = list(compress(lines, whole)), list(compress(table, whole))
        if not table:
            continue
        for c, is_needed, values in zip(columns, needed, zip(*table, strict=True), strict=True):
            if marked and not _MARKS.isdisjoint(values):
                present = [value not in _MARKS for value in values]
                c.missing += (not is_needed) * present.count(False)  # in rows that stay
                if any(present):
                    c.add(list(compress(values, present)), list(compress(lines, present)))
            else:
                c.add(values, lines)
        sample += table[-count % stride :: stride]
        if len(sample) >= 2 * most:
            sample, stride = sample[::2], 2 * stride
        count += len(table)
    lacking = {c.name: c.missing for c in columns if c.missing}
    if lacking and missing == "error":
        in_all = f"; missing in all: {list_missing(lacking)}" * (sum(lacking.values()) > 1)
        names = ", ".join(f'"{column}"' for column in lacking)
        raise DataError(
            f"{first_missing} is missing{in_all}",
            f"missing=drop leaves such rows out, missing=mean fills in; ignore=[{names}] leaves "
            f"out the {'columns' if len(lacking) > 1 else 'column'}",
            "file",
            line=missing_at,
            value=mark,
        )
    return Table(tuple(columns), count, left_out, sample[:: max(1, -(-len(sample) // most))])


def with_decimal_points(
    rows: Iterator[tuple[int, Row]],
    names: Sequence[str],
    texts: Collection[str],
    with_points: dict[str, Found] | None = None,
) -> Iterator[tuple[int, Row]]:
    """Yield rows in which numbers are written 1234.5, not 1.234,5; columns of `texts` stay.

    A number with a point is a DataError; or the first one of each column goes to `with_points`.
    """
    for line, row in rows:
        changed = list(row)
        for at, (name, value) in enumerate(zip(names, row, strict=False)):
            if name in texts:
                continue
            if _WITH_COMMA.fullmatch(value):
                changed[at] = value.replace(".", "").replace(",", ".")
            elif "." in value and number_of(value) is not None:
                if with_points is not None:
                    with_points.setdefault(name, (value, line))
                    continue
                raise DataError(
                    f"`{name}` is a number with a point in line {line}: {value}",
                    'leave out decimal=","',
                    "decimal",
                    line=line,
                    value=value,
                )
        yield line, changed


def number_of(value: str) -> float | None:
    """Return a value as a number; None if it is none."""
    try:
        return float(value) if "_" not in value else None
    except ValueError:
        return None


def _all_numbers(values: Sequence[str]) -> tuple[float, float] | None:
    """Return the least and the greatest where all values are surely finite numbers in 32 bits."""
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return None
    low, high = min(numbers), max(numbers)
    within = isfinite(sum(numbers)) and -MAX_NUMBER < low <= high < MAX_NUMBER
    return (low, high) if within and "_" not in "".join(values) else None


def is_numeric(column: TableColumn) -> bool:
    """Whether a column holds numbers. DataError if it holds texts as well, or infinity."""
    name, number, text, infinite = column.name, column.number, column.text, column.infinite
    if infinite is not None and not column.is_categorical:
        raise DataError(
            f"`{name}` is no finite number in line {infinite[1]}: {infinite[0]}",
            field="file",
            line=infinite[1],
            value=infinite[0],
        )
    if text is not None and not column.is_categorical and DECIMAL_COMMA.fullmatch(text[0]):
        raise DataError(
            f"`{name}` is a number with a comma in line {text[1]}: {text[0]}",
            'write decimal=","',
            "file",
            line=text[1],
            value=text[0],
            setting='decimal=","',
        )
    if text and number and not column.is_categorical:
        later = max(text, number, key=lambda found: found[1])  # which of them does not belong
        raise DataError(
            f"the column `{name}` holds the number {number[0]} in line {number[1]}, "
            f"and the text `{text[0]}` in line {text[1]}",
            f'if its values are kinds of things, write categories=["{name}"]',
            "file",
            line=later[1],
            value=later[0],
        )
    return text is None and infinite is None


def date_form_of(column: TableColumn) -> DateForm:
    """Return how all moments of a column are written. DataError if that differs, or none are."""
    if column.date_forms:
        form = column.date_forms[0]
        span = column.last[form] - column.first[form] if form in column.last else timedelta(0)
        return date_form(form, span / timedelta(days=1))
    value, line = column.text or ("", 0)
    raise DataError(
        f"`{column.name}` is no date in line {line}, or not written as others: {value}",
        "dates are written as 2024-12-31, 31.12.2024 or 12/31/2024, and may have a time: 23:59",
        "dates",
        line=line,
        value=value,
    )


def sample_of(table: Table, name: str) -> tuple[float, ...]:
    """Return a sample of the numbers of a column, from all of its length."""
    position = table.header.index(name)
    return tuple(float(row[position]) for row in table.sample if row[position] not in MISSING)


def levels(
    table: Table, column: TableColumn, *, numeric: bool, field: str, most: int | None = None
) -> tuple[str, ...]:
    """Return the distinct texts of a column, sorted, as numbers if all are. DataError.

    If they are too many for `most` columns, those that occur most often, and one column is left.
    """
    found = len(column.levels)
    if most is not None:
        often = sorted(column.levels, key=lambda text: (-column.levels[text], text))
        return tuple(sorted(often[: most - 1]))
    if found > min(MAX_LEVELS, max(20, table.rows // 2)):
        count = str(found) if found <= MAX_LEVELS else f"more than {MAX_LEVELS}"
        raise DataError(
            f"the column `{column.name}` holds {count} different texts in {table.rows} rows: "
            "too many to be kinds of things",
            None
            if field == "target"
            else f'ignore=["{column.name}"] leaves it out, max_categories=20 keeps frequent ones',
            field,
        )
    return tuple(sorted(column.levels, key=lambda text: (float(text), text) if numeric else text))


def shown_columns(names: Sequence[str]) -> str:
    """Return the names of columns as a message shows them: the first ones, of many."""
    return ", ".join(f"`{name}`" for name in names[:20]) + ", …" * (len(names) > 20)


def require_columns(header: Sequence[str], names: Sequence[str], field: str) -> None:
    """Raise DataError if the header lacks one of the names, or one is given twice."""
    from difflib import get_close_matches

    for position, name in enumerate(names):
        if name not in header:
            close = get_close_matches(name[:64], header, n=1)
            all_names = shown_columns(header)
            help = f"did you mean `{close[0]}`?" if close else f"the columns are {all_names}"
            if close and field == "file":  # the typo is in the file
                help = f"the file has `{close[0]}`: write `{name}` in its header"
            wrong = f"there is no column `{name}`"
            raise DataError(wrong, help, field, wrong=name, known=header)
        if name in names[:position]:
            raise DataError(f"the column `{name}` is named twice", field=field)


def place_in(path: Path, name: str, line: int, value: str) -> Span | None:
    """Return where a value stands in a line of a file called `name`, or the line without it."""
    if path.suffix == PARQUET:
        return None
    with open_text(path, "replace") as file:
        text = next(islice(file, line - 1, line), None)
    text = None if text is None else text.rstrip("\r\n")
    if text is None or len(text) > MAX_SHOWN:
        return None
    before = "\n" * (line - 1)  # the lines above are not shown
    whole = rf"(?<![^,;\t|\" ]){re.escape(value)}(?![^,;\t|\" ])"  # and no part of another one
    found = (re.search(whole, text) or re.search(re.escape(value), text)) if value else None
    at, length = (found.start(), len(value)) if found else (0, len(text))
    return Span(Source(name, before + text), len(before) + at, len(before) + at + length)
