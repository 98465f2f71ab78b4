"""The list of a class: a table as spreadsheets write it, with a name for each student's folder."""

import csv
import re
import unicodedata
from pathlib import Path

from nndsl.explained import ExplainedError

# Titles of the column that is taken, the first that there is: what tells students apart leads.
TITLES = ["student", "username", "ユーザ名", "login", "sid", "student id", "学籍番号", "id"]
TITLES += ["email", "メール", "name", "氏名", "名前"]
DELIMITERS = ",;\t"  # of tables, by what writes a decimal with a point or a comma
WIDE_SPACE = "\N{IDEOGRAPHIC SPACE}"
NEVER = frozenset('/\\:*?"<>|')  # in the name of a folder, on one system or another
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # by Windows
MAX_BYTES = 200  # of a name: what most file systems take is 255


class ClassListError(ExplainedError):
    """A table names no class."""


def read_class_list(path: Path) -> list[str]:
    """Return the names in the table at `path`: each can be that of a folder. ClassListError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        lines = unicodedata.normalize("NFC", text).splitlines()
        delimiter = max(DELIMITERS, key=lines[0].count) if lines else ","
        read = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
        rows = [row for row in read if any(row)]
    except UnicodeDecodeError:
        raise ClassListError(
            f"{path} is not in UTF-8", "save it again: spreadsheets call the format CSV UTF-8"
        ) from None
    except csv.Error as error:
        raise ClassListError(
            f"{path} is no table: {error}", "a name that has quotes in it wants them doubled"
        ) from None
    titles = [title.strip() for title in rows[0]] if rows else []
    column = _column(titles, path)
    for row in rows[1:]:
        if len(row) > len(titles):
            raise ClassListError(
                f"{','.join(row)} in {path} has more fields than the titles",
                'put a name with a comma into quotes: "Smith, John"',
            )
    names = ["".join(row[column : column + 1]).strip() for row in rows[1:]]
    if not names:
        raise ClassListError(f"{path} names no student", "write a title, and a name on each line")
    if not all(names):
        nameless = delimiter.join(rows[1 + names.index("")])
        raise ClassListError(
            f"{nameless} in {path} has no {titles[column]}", "leave such a line out"
        )
    for name in names:
        if not _names_a_folder(name):
            raise ClassListError(
                f"{name!r} in {path} cannot be the name of a folder",
                'leave out dots at its ends, and / \\ : * ? " < > |',
            )
    folded = [name.casefold() for name in names]  # as folders are, on some systems
    twice = next((name for name in names if folded.count(name.casefold()) > 1), "")
    if twice:
        raise ClassListError(
            f"{path} names {twice} twice", "names tell students apart: numbers of students do, too"
        )
    return names


def _column(titles: list[str], path: Path) -> int:
    """Return which column has the names: the one of a title that says so."""
    known = {title.casefold(): place for place, title in reversed([*enumerate(titles)])}
    found = next((known[title] for title in TITLES if title in known), None)
    if found is None and titles:
        raise ClassListError(
            f"no column of {path} is known to name students: {', '.join(titles)}",
            "call one of them student, in the first line",
        )
    return found or 0


def _names_a_folder(name: str) -> bool:
    """Whether a folder can be called so on each system, beside others, and in a list of files."""
    return (
        name.replace(WIDE_SPACE, " ").isprintable()
        and name.strip(".") == name
        and NEVER.isdisjoint(name)
        and len(name.encode()) <= MAX_BYTES
        and not RESERVED.fullmatch(name)
    )
