"""Tables: how columns are judged, what the script reads, and what is refused in words."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from thoroughness import examples

from nndsl.vocabulary import table
from nndsl.vocabulary.data.csv import Csv
from nndsl.vocabulary.dataset import DataError

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
    marks = ["", "?", "NA", "N/A", "NaN", "nan", "null"]
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


@settings(
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
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
        ("a,t\n1,2\n\n3\n", {}, "file", "line 4 of `a.csv` has 1 values, and the header 2"),
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


def test_help_knows_the_way_out(tmp_path: Path) -> None:
    assert refusal(tmp_path).message == "there is no file `a.csv`"
    write(tmp_path, "a,species\n1,2\n?,2\n")
    assert refusal(tmp_path, target="specie").help == "did you mean `species`?"
    assert refusal(tmp_path, target="xyz").help == "the columns are `a`, `species`"
    assert refusal(tmp_path, target="a").help == (
        'missing=drop leaves such rows out; ignore=["a"] the column'
    )
    write(tmp_path, "a\tt\n1\t2\n")
    assert refusal(tmp_path).help == r'write delimiter="\t"'


def test_a_column_of_names_is_no_column_of_kinds(tmp_path: Path) -> None:
    write(tmp_path, "name,t\n" + "".join(f"person {i},{i % 2}\n" for i in range(21)))
    error = refusal(tmp_path)
    assert error.message.startswith("the column `name` holds 21 different texts in 21 rows")
    assert error.help == 'leave it out with ignore=["name"]'
    assert "`name`" in refusal(tmp_path, target="name").message


def test_a_long_file_is_read_in_part(
    tmp_path: Path, load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 'a,t\n1,u\n2,v\n"3\n",w\n4,u\n')
    monkeypatch.setattr(table, "LARGEST_READ", 15)  # it ends between the quotes of line 4
    known = Csv(file="a.csv", target="t").describe(tmp_path)
    assert (known.shape, known.classes, known.examples) == ((1,), 2, None)
    assert known.note.startswith("only the first")
    with pytest.raises(ValueError, match="not in tuple"):  # the script names what it did not expect
        load(Csv(file="a.csv", target="t"))


def test_a_long_file_without_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a,t,b,c,d,e\n")
    monkeypatch.setattr(table, "LARGEST_READ", 5)
    assert refusal(tmp_path).message == "`a.csv` has no line end in 5 bytes"


def test_the_inputs_can_be_standardised() -> None:
    assert Csv(file="a.csv", target="t", standardize=True).standardize_inputs
    assert not Csv(file="a.csv", target="t").standardize_inputs
