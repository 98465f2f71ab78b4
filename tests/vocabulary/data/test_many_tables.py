"""A hundred tables that are wrong, each with its place, and fifty that are odd and right."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path

import pytest

import nndsl
from nndsl.diagnostics import Diagnostic
from nndsl.lints import check
from nndsl.source import read_source

HEADER = ["size", "color", "day", "kind"]
ROWS = [
    [f"{n}.5", "red" if n % 2 else "blue", f"2024-02-{n + 1:02d}", "yn"[n % 3 > 1]]
    for n in range(12)
]
SEPARATORS = {",": "", ";": 'delimiter=";"', "\t": r'delimiter="\t"', "|": 'delimiter="|"'}
# What stands instead of a value: in which column, what it is, and what is said of it.
WRONG_VALUES = [
    (0, "many", "the text `many`"),
    (0, "inf", "no finite number"),
    (0, "1e39", "no finite number"),
    (0, "1_0", "the text `1_0`"),
    (0, "", "the value of `size` is missing"),
    (0, "NA", "the value of `size` is missing"),
    (1, "?", "the value of `color` is missing"),
    (1, "7", "the number 7"),
    (2, "2024-02-31", "`day` is no date in line"),
    (2, "yesterday", "`day` is no date in line"),
    (3, "null", "the value of `kind` is missing"),
]
LINES = (2, 8, 13)
MALFORMED = [
    *itertools.product(WRONG_VALUES, LINES, list(SEPARATORS)[:2]),
    *itertools.product(WRONG_VALUES[:5], LINES[1:2], list(SEPARATORS)[2:]),
]
SHORT_AND_LONG = list(itertools.product(("one", "more", "quote"), (2, 5, 13), SEPARATORS))


def page(folder: Path, table: str, more: str = "", encoding: str = "utf-8") -> Path:
    (folder / "t.csv").write_bytes(table.encode(encoding))
    spec = folder / "t.nn"
    spec.write_text(
        f'data = csv("t.csv", target="kind", dates="day"{f", {more}" if more else ""})\n'
        "network { dense(2); relu; dense(classes) }\n"
        "train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01) }\n"
    )
    return spec


def joined(rows: list[list[str]], separator: str = ",", end: str = "\n") -> str:
    return end.join(separator.join(row) for row in rows) + end


def only(spec: Path) -> Diagnostic:
    [found] = [d for d in check(read_source(spec), {}) if d.severity == "error"]
    return found


@pytest.mark.parametrize(
    ("wrong", "line", "separator"),
    [
        pytest.param(*case, marks=[pytest.mark.slow] * (at % 7 > 0))
        for at, case in enumerate(MALFORMED)
    ],
)
def test_a_wrong_value_is_shown_where_it_stands(
    tmp_path: Path, wrong: tuple[int, str, str], line: int, separator: str
) -> None:
    column, value, says = wrong
    rows = [HEADER, *map(list, ROWS)]
    rows[line - 1][column] = value
    found = only(page(tmp_path, joined(rows, separator), SEPARATORS[separator]))
    assert found.code == "NN311"
    assert says in found.message
    assert found.span.source.name == str(tmp_path / "t.csv")
    if line == 2 and value in ("7", "many", "1_0"):  # the next line is what differs from it
        line, value = 3, rows[2][column]
    assert found.span.line == line
    assert found.span.text == value or not value


@pytest.mark.parametrize(
    ("what", "line", "separator"),
    [
        pytest.param(*c, marks=[pytest.mark.slow] * (at % 7 > 0))
        for at, c in enumerate(SHORT_AND_LONG)
    ],
)
def test_a_row_of_another_length_is_shown(
    tmp_path: Path, what: str, line: int, separator: str
) -> None:
    rows = [HEADER, *map(list, ROWS)]
    if what == "quote":
        rows[line - 1][1] = '"red" ish'
    else:
        rows[line - 1] = rows[line - 1][:1] if what == "one" else [*rows[line - 1], "5"]
    found = only(page(tmp_path, joined(rows, separator), SEPARATORS[separator]))
    assert found.code == "NN311"
    assert found.span.source.name == str(tmp_path / "t.csv")
    assert found.span.line == line


ODD = [
    # how the table is written: the end of a line, the encoding, what is done to each value
    *itertools.product(("\n", "\r\n", "\r"), ("utf-8", "utf-8-sig"), ("", " ", '"')),
]
CHANGES = {
    "an empty line at the end": lambda text: text + "\n\n",
    "empty lines between": lambda text: text.replace("\n", "\n\n"),
    "an empty line at the start": lambda text: "\n" + text,
    "no end of the last line": lambda text: text.rstrip("\n"),
    "a row of separators": lambda text: text + ",,,\n",
    "spaces in the header": lambda text: text.replace("size,", " size , "),
    "numbers with a sign": lambda text: text.replace(",0.5", ",+0.5"),
    "numbers with an exponent": lambda text: text.replace("\n1.5,", "\n15e-1,"),
}


@pytest.mark.parametrize(("end", "encoding", "around"), ODD)
@pytest.mark.parametrize("separator", [",", pytest.param(";", marks=pytest.mark.slow)])
def test_ways_to_write_the_same(
    tmp_path: Path, end: str, encoding: str, around: str, separator: str
) -> None:
    rows = [[f"{around}{value}{around}" for value in row] for row in [HEADER, *ROWS]]
    spec = page(tmp_path, joined(rows, separator, end), SEPARATORS[separator], encoding)
    assert_read(spec)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("missing", ["error", "drop", "mean"])
def test_odd_lines_and_numbers(tmp_path: Path, change: str, missing: str) -> None:
    text = CHANGES[change](joined([HEADER, *ROWS]))
    assert_read(page(tmp_path, text, f"missing={missing}"))


def test_a_compressed_table(tmp_path: Path) -> None:
    spec = page(tmp_path, "")
    spec.write_text(spec.read_text().replace("t.csv", "t.csv.gz"))
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(joined([HEADER, *ROWS]).encode()))
    assert_read(spec)
    rows = [HEADER, *map(list, ROWS)]
    rows[4][0] = "many"
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(joined(rows).encode()))
    found = only(spec)
    assert (found.span.line, found.span.text) == (5, "many")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(joined(rows).encode())[:-9])
    assert "cannot be read" in only(spec).message


def assert_read(spec: Path) -> None:
    X, t = nndsl.load(spec).data()["training"]
    assert X[:, 0].tolist() == [n + 0.5 for n in range(12)]
    assert X[:, 1].tolist() == [1 - n % 2 for n in range(12)]
    assert t.tolist() == [int(n % 3 <= 1) for n in range(12)]
