"""Tables: how columns are judged, what the script reads, and what is refused in words."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from thoroughness import examples

from nndsl.data import DataError, table
from nndsl.vocabulary.data.csv import Csv

FLOWERS = """\
length,width,place,species
1.5, 2 ,north,rose
-3e-1,.5,south,daisy
4,5.,north,daisy
+6,7,east,"rose"
"""


def write(folder: Path, text: str | bytes) -> None:
    content = text.encode() if isinstance(text, str) else text
    (folder / "a.csv").write_bytes(content)


def refusal(folder: Path, **arguments: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        Csv(**{"file": "a.csv", "target": "t", **arguments}).describe(folder)
    return caught.value


def test_texts_are_classes_and_columns_of_0_and_1(tmp_path: Path, load: Any) -> None:
    write(tmp_path, FLOWERS)
    data = load(Csv(file="a.csv", target="species"), np.float32)
    east_north_south = [[0, 1, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]
    numbers = [[1.5, 2], [-0.3, 0.5], [4, 5], [6, 7]]
    assert np.allclose(data.X, np.column_stack([numbers, east_north_south]))
    assert data.t.tolist() == [1, 0, 0, 1]
    assert data.known.settings["class_names"] == ("daisy", "rose")
    assert data.known.settings["levels"] == {"place": ("east", "north", "south")}
    assert (data.known.classes, data.known.title, data.known.note) == (2, "a.csv", "")


def test_numbers_are_a_regression(tmp_path: Path, load: Any) -> None:
    write(tmp_path, FLOWERS)
    one = load(Csv(file="a.csv", target="length", ignore=["place", "species"]))
    assert one.X.tolist() == [[2], [0.5], [5], [7]]
    assert one.t.tolist() == [[1.5], [-0.3], [4], [6]]
    two = load(Csv(file="a.csv", target=("width", "length"), ignore=("species",)))
    assert two.t.tolist() == [[2, 1.5], [0.5, -0.3], [5, 4], [7, 6]]
    assert two.X.tolist() == [[0, 1, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]


def test_numbers_can_be_names_of_kinds(tmp_path: Path, load: Any) -> None:
    write(tmp_path, "zone,x,t\n10,1,3\n9,2,20\n10,3,3\n")
    data = load(Csv(file="a.csv", target="t", classes=True, categories="zone"))
    assert data.known.settings == {"levels": {"zone": ("9", "10")}, "class_names": ("3", "20")}
    assert data.X.tolist() == [[0, 1, 1], [1, 0, 2], [0, 1, 3]]
    assert data.t.tolist() == [0, 1, 0]


def test_kinds_may_mix_numbers_and_texts(tmp_path: Path, load: Any) -> None:
    write(tmp_path, "zone,t\n10,3\n9b,other\n")
    data = load(Csv(file="a.csv", target="t", classes=True, categories="zone"))
    assert data.known.settings == {
        "levels": {"zone": ("10", "9b")},
        "class_names": ("3", "other"),
    }


def test_rows_with_missing_values_can_be_dropped(tmp_path: Path, load: Any) -> None:
    marks = ["", "?", "NA", "N/A", "n/a", "NaN", "nan", "null"]
    rows = "".join(
        f"{mark},1,u,left out\n7,{mark},u,left out\n8,1,{mark},left out\n" for mark in marks
    )
    write(tmp_path, f"a,b,t,note\n1,2,u,\n{rows}3,4,v,?\n")
    data = load(Csv(file="a.csv", target="t", missing="drop", ignore="note"))
    assert data.X.tolist() == [[1, 2], [3, 4]]
    assert data.t.tolist() == [0, 1]


@pytest.mark.parametrize(
    "text",
    [
        "a,t\r\n1,2\r\n3,4\r\n",
        "a,t\r1,2\r3,4",
        "\ufeffa,t\n1,2\n3,4\n",
        '"a", "t"\n\n1, "2"\n\n3 , 4\n\n',
        "a,t\n1,2\n3,4",
    ],
)
def test_ways_to_write_lines(tmp_path: Path, load: Any, text: str) -> None:
    write(tmp_path, text)
    data = load(Csv(file="a.csv", target="t"))
    assert data.X.tolist() == [[1], [3]]
    assert data.t.tolist() == [[2], [4]]


@pytest.mark.parametrize("delimiter", [";", "\t", "|", "'", "\\", "#"])
def test_other_delimiters(tmp_path: Path, load: Any, delimiter: str) -> None:
    write(tmp_path, "a,b,t\n1,2,3\n4,5,6\n".replace(",", delimiter))
    data = load(Csv(file="a.csv", target="t", delimiter=delimiter))
    assert data.X.tolist() == [[1, 2], [4, 5]]


text = st.text(
    st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from("\"'\\\n\r{}#,%; "),
    min_size=1,
).map(str.strip)
name = text.filter(lambda text: text not in table.MISSING)
kind = name.filter(lambda text: not text.isdigit() and not _is_number(text))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.slow
@settings(
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(name, min_size=4, max_size=4, unique=True), st.lists(kind, min_size=2, unique=True))
def test_no_text_of_a_table_is_code(
    tmp_path: Path, load: Any, names: list[str], kinds: list[str]
) -> None:
    kinds = kinds[:15]
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(names)
    writer.writerows([i, value, value, "?"] for i, value in enumerate(kinds))
    write(tmp_path, file.getvalue())
    data = load(Csv(file="a.csv", target=names[1], ignore=names[3:]))
    assert data.known.settings["class_names"] == tuple(sorted(kinds))
    assert [data.known.settings["class_names"][t] for t in data.t] == kinds
    assert data.X[:, 0].tolist() == list(range(len(kinds)))
    assert np.array_equal(data.X[:, 1:].argmax(axis=1), data.t)


@pytest.mark.parametrize(
    ("content", "arguments", "field", "message"),
    [
        ("", {}, "file", "`a.csv` is empty"),
        ("\n\n", {}, "file", "`a.csv` is empty"),
        ("a,t\n", {}, "file", "no rows below its header"),
        ("a,t,a\n1,2,3\n", {}, "file", "column 3 of `a.csv` is called `a`, as another one is"),
        ("a,,t\n1,2,3\n", {}, "file", "column 2 of `a.csv` has no name"),
        ("a,t\n1,2\n\n3\n", {}, "file", "line 4 of `a.csv` has 1 value, and the header 2"),
        ('a,t\n"1\n",2\n3,4,5\n', {}, "file", "line 4 of `a.csv` has 3 values"),
        ('a,t\n1,"2\n3,4\n', {}, "file", "line 2 of `a.csv` opens a quote"),
        ('a,t\n1,"2"3"\n', {}, "file", "line 2 of `a.csv` opens a quote"),
        (
            "a,t\n1," + "2" * 200_000 + "\n",
            {},
            "file",
            "line 2 of `a.csv` holds a value that is too long",
        ),
        (",".join(map(str, range(10_001))) + "\n1\n", {}, "file", "more than 10000 columns"),
        (b"a,t\n1,2\n3,\xff\n", {}, "file", "`a.csv` is not in UTF-8: line 3"),
        ("a,t\n1,2\n".encode("utf-16"), {}, "file", "not in UTF-8: line 1"),
        ("a;t\n1;2\n", {}, "delimiter", "one column only"),
        ('"a,t"\n"1,2"\n', {}, "file", "one column only"),
        ("a,t\n1,2\n", {"delimiter": ",,"}, "delimiter", "one character"),
        ("a,t\n1,2\n", {"delimiter": ""}, "delimiter", "one character"),
        ("a,t\n1,2\n", {"delimiter": '"'}, "delimiter", "one character"),
        ("a,species\n1,2\n", {"target": "specie"}, "target", "no column `specie`"),
        ("a,t\n1,2\n", {"target": ("t", "t")}, "target", "`t` is named twice"),
        ("a,t\n1,2\n", {"ignore": "b"}, "ignore", "no column `b`"),
        ("a,t\n1,2\n", {"ignore": "t"}, "ignore", "`t` is the target"),
        ("a,t\n1,2\n", {"categories": "t"}, "categories", "`t` is the target"),
        ("a,t\n1,2\n", {"ignore": "a"}, "ignore", "no column is left"),
        ("t\n2\n", {}, "file", "no column is left"),
        ("a,t\n1,2\n,3\n", {}, "file", "in line 3 of `a.csv` the value of `a` is missing"),
        ("a,t\n1,?\n", {"missing": "drop"}, "missing", "no row is left"),
        ("a,t\n1,2\nx,3\n", {}, "file", "holds the number 1 in line 2, and the text `x` in line 3"),
        ("a,t\n1,x\n1,3\n", {}, "file", "`t` holds the number 3 in line 3, and the text `x`"),
        ("a,t\n1,2\n1_0,3\n", {}, "file", "the text `1_0` in line 3"),
        ("a,t\n1,2\ninf,3\n", {}, "file", "`a` is no finite number in line 3: inf"),
        ("a,t\n1,2\n1,-1e999\n", {}, "file", "`t` is no finite number in line 3: -1e999"),
        ("a,t\n1,x\n2,x\n", {}, "target", "`t` holds one class only"),
        ("a,b,t\n1,x,1\n2,x,2\n", {"target": ("t", "b")}, "target", "`b` is one of several"),
        ("a,b,t\n1,x,1\n", {"target": ("t", "a"), "classes": True}, "target", "`t` is one of"),
    ],
)
def test_wrong_tables(
    tmp_path: Path, content: str | bytes, arguments: Any, field: str, message: str
) -> None:
    write(tmp_path, content)
    error = refusal(tmp_path, **arguments)
    assert message in error.message
    assert error.field == field


def test_of_many_columns_the_first_are_named(tmp_path: Path) -> None:
    write(tmp_path, ",".join(f"x{n}" for n in range(30)) + "\n")
    assert (refusal(tmp_path, target="y").help or "").endswith(", `x18`, `x19`, …")


def test_help_knows_the_way_out(tmp_path: Path) -> None:
    assert refusal(tmp_path).message == "there is no file `a.csv`"
    write(tmp_path, "a,species\n1,2\n?,2\n")
    assert refusal(tmp_path, target="specie").help == "did you mean `species`?"
    assert refusal(tmp_path, target="xyz").help == "the columns are `a`, `species`"
    assert refusal(tmp_path, target="a").help == (
        'missing=drop leaves such rows out, missing=mean fills in; ignore=["a"] leaves out '
        "the column"
    )
    write(tmp_path, "a\tt\n1\t2\n")
    assert refusal(tmp_path).help == r'write delimiter="\t"'


def test_a_column_of_names_is_no_column_of_kinds(tmp_path: Path) -> None:
    write(tmp_path, "name,t\n" + "".join(f"person {i},{i % 2}\n" for i in range(21)))
    error = refusal(tmp_path)
    assert error.message.startswith("the column `name` holds 21 different texts in 21 rows")
    assert error.help == 'ignore=["name"] leaves it out, max_categories=20 keeps frequent ones'
    assert "`name`" in refusal(tmp_path, target="name").message


LATE = "".join(f"{i},{i % 7},{'uv'[i % 2]}\n" for i in range(3000))


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ("1,2\n", "line 3002 of `a.csv` has 2 values, and the header 3"),
        ("1,2,u,4\n", "line 3002 of `a.csv` has 4 values, and the header 3"),
        ("x,2,u\n", "holds the number 0 in line 2, and the text `x` in line 3002"),
        ("1,\0,u\n", "holds the number 0 in line 2, and the text `\0` in line 3002"),
        ("inf,2,u\n", "`a` is no finite number in line 3002: inf"),
        ("1,NAN,u\n", "`b` is no finite number in line 3002: NAN"),
        ("1,,u\n", "in line 3002 of `a.csv` the value of `b` is missing"),
        (f"1,{'2' * 200_000},u\n", "line 3002 of `a.csv` holds a value that is too long"),
        ('1,"2,u\n', "line 3002 of `a.csv` opens a quote that is not closed"),
        (b"1,\xff,u\n", "`a.csv` is not in UTF-8: line 3002"),
        ("1,2,7\n", "holds the number 7 in line 3002, and the text `u` in line 2"),
    ],
)
def test_what_is_wrong_late_is_found(
    tmp_path: Path, load: Any, end: str | bytes, message: str
) -> None:
    content = f"a,b,t\n{LATE}".encode()
    write(tmp_path, content)
    word = Csv(file="a.csv", target="t")
    before = word.describe(tmp_path)
    assert before.examples == 3000
    write(tmp_path, content + (end.encode() if isinstance(end, str) else end))
    assert message in refusal(tmp_path).message

    names = load.names(word, before, tmp_path)  # a script that was built before: it says so, too
    with pytest.raises(ValueError, match=r"^line 300[12] of a\.csv: "):
        load.read(word, before, names)


def test_a_class_that_comes_late_is_one(tmp_path: Path, load: Any) -> None:
    write(tmp_path, f"a,b,t\n{LATE}\n  \n,,\n5,6,w\n\n")
    data = load(Csv(file="a.csv", target="t"))
    assert data.known.names == ("u", "v", "w")
    assert (data.known.examples, data.t[-1], data.X[-1].tolist()) == (3001, 2, [5, 6])


def test_a_script_says_which_class_it_does_not_know(tmp_path: Path, load: Any) -> None:
    word = Csv(file="a.csv", target="t", categories="b")
    write(tmp_path, f"a,b,t\n{LATE}")
    known = word.describe(tmp_path)
    for end, message in (("1,2,w", "unknown t: w"), ("1,9,u", "unknown b: 9")):
        write(tmp_path, f"a,b,t\n{LATE}{end}\n")
        with pytest.raises(ValueError, match=f"^line 3002 of a.csv: {message}$"):
            load.read(word, known, load.names(word, known, tmp_path))


def test_a_sample_of_a_long_table_goes_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    write(tmp_path, "a,t\n" + "".join(f"{i},{i / 2}\n" for i in range(12_345)))
    known = Csv(file="a.csv", target="t").describe(tmp_path)
    sample = known.columns["a"]
    assert 500 <= len(sample) <= 1000
    steps = {b - a for a, b in pairwise(sample)}
    assert len(steps) == 1
    assert sample[0] == 0
    assert sample[-1] > 12_345 - 2 * steps.pop()
    assert [2 * t for t in known.targets] == list(sample)


def test_numbers_with_commas(tmp_path: Path) -> None:
    write(tmp_path, "a;t\n1,5;2\n2;3\n")
    error = refusal(tmp_path, delimiter=";")
    assert error.message == "`a` is a number with a comma in line 2: 1,5"
    assert error.help == 'write decimal=","'


def test_what_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a,t,b,c,d,e\n")
    monkeypatch.setattr(table, "MAX_LINE", 5)
    assert refusal(tmp_path).message == "line 1 of `a.csv` has more than 5 characters"
    monkeypatch.setattr(table, "MAX_TABLE", 5)
    assert refusal(tmp_path).message == "`a.csv` is larger than 5 bytes"


def test_the_inputs_can_be_standardised() -> None:
    assert Csv(file="a.csv", target="t", standardize=True).standardize_inputs
    assert not Csv(file="a.csv", target="t").standardize_inputs


def test_all_that_is_missing_is_said_at_once(tmp_path: Path) -> None:
    write(tmp_path, "a,b,c,t\n1,2,3,u\n,2,3,u\n1,?,3,v\n,NA,3,v\n")
    with pytest.raises(DataError) as caught:
        Csv(file="a.csv", target="t").describe(tmp_path)
    assert str(caught.value) == (
        "in line 3 of `a.csv` the value of `a` is missing; missing in all: `a` in 2, `b` in 2"
    )
    assert caught.value.help == (
        'missing=drop leaves such rows out, missing=mean fills in; ignore=["a", "b"] leaves '
        "out the columns"
    )
