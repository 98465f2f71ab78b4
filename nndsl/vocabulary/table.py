"""Tables in CSV files: read, and judged column by column, without numpy.

The first line names the columns. Texts are UTF-8, quoted as usual; spaces around a value do not
count, and empty lines are skipped.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from nndsl.vocabulary.dataset import DataError

LARGEST_READ = 10_000_000  # bytes of a file that are read to know what it holds
MISSING = ("", "?", "NA", "N/A", "NaN", "nan", "null")  # what stands for a value that is not there
MOST_COLUMNS = 10_000
MOST_LEVELS = 1000  # different texts in a column
LARGEST_NUMBER = 3e38  # in 32 bits


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file under their header. `lines` are the numbers of the rows' last lines."""

    header: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]
    complete: bool  # the file is no longer than what was read

    def column(self, name: str) -> list[str]:
        """Return the values of a column, as texts."""
        position = self.header.index(name)
        return [row[position] for row in self.rows]


def read_rows(
    path: Path, name: str, delimiter: str, field: str, *, whole: bool = False
) -> tuple[list[list[str]], list[int], bool]:
    """Return the rows of a file, the number of each one's last line, and whether these are all.

    `name` is what the file is called. As many bytes are read as LARGEST_READ says, unless the
    `whole` is wanted. DataError about `field`.
    """
    text, complete = _read_text(path, name, field, -1 if whole else LARGEST_READ)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    rows: list[list[str]] = []
    lines: list[int] = []
    line = 0  # the last line of the row before
    try:
        for row in reader:
            line = reader.line_num
            if row:
                rows.append([value.strip() for value in row])
                lines.append(line)
    except csv.Error as error:
        if "field limit" in str(error):
            raise DataError(
                f"line {line + 1} of `{name}` holds a value that is too long", field=field
            ) from None
        if complete or "end of data" not in str(error):
            raise DataError(
                f"line {line + 1} of `{name}` opens a quote that is not closed before a delimiter",
                "a quote inside of a quoted value is written twice",
                field,
            ) from None
    return rows, lines, complete


def read_table(path: Path, name: str, delimiter: str, field: str, *, whole: bool = False) -> Table:
    """Read a file with a header, called `name` in the spec; see `read_rows`. DataError."""
    rows, lines, complete = read_rows(path, name, delimiter, field, whole=whole)
    if len(rows) < 2:
        raise DataError(
            f"`{name}` is empty" if not rows else f"`{name}` has no rows below its header",
            "the first line names the columns; each line after it is an example",
            field,
        )
    header = tuple(rows.pop(0))
    lines.pop(0)
    if len(header) > MOST_COLUMNS:
        raise DataError(f"`{name}` has more than {MOST_COLUMNS} columns", field=field)
    seen = {""}
    for position, column in enumerate(header, 1):
        if column in seen:
            what = f"is called `{column}`, as another one is" if column else "has no name"
            raise DataError(f"column {position} of `{name}` {what}", field=field)
        seen.add(column)
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(header):
            raise DataError(
                f"line {line} of `{name}` has {len(row)} values, and the header {len(header)}",
                field=field,
            )
    return Table(header, rows, lines, complete)


def _read_text(path: Path, name: str, field: str, limit: int) -> tuple[str, bool]:
    try:
        with path.open("rb") as file:
            content = file.read(limit) + file.read(1)  # -1: all of it
    except OSError:
        raise DataError(f"`{name}` cannot be read", field=field) from None
    complete = limit < 0 or len(content) <= limit
    if not complete:
        content = content[: content.rfind(b"\n", 0, limit) + 1]
        if not content:
            raise DataError(f"`{name}` has no line end in {limit} bytes", field=field)
    try:
        return content.decode("utf-8-sig"), complete
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"`{name}` is not in UTF-8: line {line}", "save it as CSV in UTF-8", field
        ) from None


def leave_out(table: Table, ignored: Collection[str]) -> Table:
    """Return the table without some of its columns."""
    kept = [position for position, name in enumerate(table.header) if name not in ignored]
    if len(kept) == len(table.header):
        return table
    rows = [[row[position] for position in kept] for row in table.rows]
    return Table(tuple(table.header[p] for p in kept), rows, table.lines, table.complete)


def first_missing(table: Table) -> tuple[int, str] | None:
    """Return the line and the column of the first missing value, or None."""
    for row, line in zip(table.rows, table.lines, strict=True):
        if not set(row).isdisjoint(MISSING):
            position = next(i for i, value in enumerate(row) if value in MISSING)
            return line, table.header[position]
    return None


def drop_missing(table: Table) -> Table:
    """Return the table without the rows in which a value is missing."""
    kept = [
        (row, line)
        for row, line in zip(table.rows, table.lines, strict=True)
        if set(row).isdisjoint(MISSING)
    ]
    return Table(table.header, [row for row, _ in kept], [line for _, line in kept], table.complete)


def is_numeric(table: Table, name: str) -> bool:
    """Does a column hold numbers, rather than texts? DataError where it holds both, or infinity."""
    text: tuple[str, int] | None = None
    number: tuple[str, int] | None = None
    for value, line in zip(table.column(name), table.lines, strict=True):
        try:
            size = float(value) if "_" not in value else None
        except ValueError:
            size = None
        if size is None:
            text = text or (value, line)
        elif isfinite(size) and abs(size) < LARGEST_NUMBER:
            number = number or (value, line)
        else:
            raise DataError(f"`{name}` is no finite number in line {line}: {value}", field="file")
        if text and number:
            raise DataError(
                f"the column `{name}` holds the number {number[0]} in line {number[1]}, "
                f"and the text `{text[0]}` in line {text[1]}",
                f'if its values are kinds of things, write categories=["{name}"]',
                "file",
            )
    return text is None


def sample(table: Table, name: str) -> tuple[float, ...]:
    """Return numbers of a column, from its beginning to its end: so many that it takes no time."""
    most = max(20, min(1000, 100_000 // len(table.header)))
    position = table.header.index(name)
    return tuple(float(row[position]) for row in table.rows[:: -(-len(table.rows) // most)])


def levels(table: Table, name: str, *, numeric: bool, field: str) -> tuple[str, ...]:
    """Return the different texts of a column, sorted: as numbers where all are. DataError."""
    found = set(table.column(name))
    if len(found) > min(MOST_LEVELS, max(20, len(table.rows) // 2)):
        raise DataError(
            f"the column `{name}` holds {len(found)} different texts in {len(table.rows)} rows: "
            "too many to be kinds of things",
            f'leave it out with ignore=["{name}"]' if field != "target" else None,
            field,
        )
    return tuple(sorted(found, key=lambda text: (float(text), text) if numeric else text))


def require_columns(table: Table, names: Sequence[str], field: str) -> None:
    """DataError where the header lacks one of the names, or where one comes twice."""
    from difflib import get_close_matches

    for position, name in enumerate(names):
        if name not in table.header:
            close = get_close_matches(name[:64], table.header, n=1)
            all_names = ", ".join(f"`{column}`" for column in table.header[:20])
            help = f"did you mean `{close[0]}`?" if close else f"the columns are {all_names}"
            raise DataError(f"there is no column `{name}`", help, field)
        if name in names[:position]:
            raise DataError(f"the column `{name}` is named twice", field=field)
