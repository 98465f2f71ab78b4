"""New examples in CSV files: found by name, encoded as in training; mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from nndsl.data import Column, DataError
from nndsl.data.new_examples import read_named, read_plain

INPUTS = (Column("width"), Column("color", ("blue", "red")), Column("height"))


def named(path: Path, text: str, *, drop: bool = False, delimiter: str = ",") -> tuple[object, ...]:
    path.write_bytes(text.encode())
    found = read_named(path, INPUTS, delimiter=delimiter, missing="drop" if drop else "error")
    return found.numbers, found.rows, found.unused


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new.csv"


def test_columns_are_found_by_their_names(path: Path) -> None:
    text = "\ufeffid,height,color, width\n7,3,red,1\n\n8,4e0,blue, 2 \n"
    assert named(path, text) == ([[1, 0, 1, 3], [2, 1, 0, 4]], [1, 2], ("id",))
    assert named(path, "height;color;width\n3;red;1\n", delimiter=";")[0] == [[1, 0, 1, 3]]


def test_a_row_without_a_value_is_left_out_if_training_did_so(path: Path) -> None:
    text = "width,color,height,other\n1,red,3,\n2,?,4,x\n5,blue,NA,x\n6,blue,7,x\n"
    assert named(path, text, drop=True)[:2] == ([[1, 0, 1, 3], [6, 1, 0, 7]], [1, 4])
    assert read_named(path, INPUTS, delimiter=",", missing="drop").lacking == [2, 3]
    with pytest.raises(DataError, match=r"row 2 \(line 3\): `color` is missing"):
        named(path, text)
    with pytest.raises(DataError, match="no row of"):
        named(path, "width,color,height\n,red,1\n", drop=True)


@pytest.mark.parametrize(
    ("text", "message", "help"),
    [
        ("", "is empty", ""),
        ("width,color,height\n", "has no rows below its header", ""),
        ("width,color\n1,red\n", "there is no column `height`", "the columns are"),
        (
            "widht,color,height\n1,red,2\n",
            "there is no column `width`",
            "the file has `widht`: write `width` in its header",
        ),
        ("width;color;height\n1;red;2\n", "has one column only", '";", those of the spec'),
        ('"width,color,height"\n"1,red,2"\n', "has one column only", "remove these quotes"),
        ("width,color,height\n1,red,2\n\n1,red\n", "line 4 of", ""),
        ("width,width,color,height\n", "is called `width`", ""),
        ("width,width,color,height\n1,1,red,2\n", "is called `width`, as another one is", ""),
        (
            "width,color,height\n1,red,2\n1,green,2\n",
            "row 2 (line 3): `color` is `green`",
            "`blue`",
        ),
        ("width,color,height\n1,red,2\n1,Red,2\n", "row 2 (line 3): `color` is `Red`", "`red`"),
        ("width,color,height\nten,red,2\n", "row 1 (line 2): `width` is no number: `ten`", ""),
        ("width,color,height\n1_0,red,2\n", "row 1 (line 2): `width` is no number: `1_0`", ""),
        ("width,color,height\ninf,red,2\n", "`width` is no finite number: inf", ""),
        ("width,color,height\n1e39,red,2\n", "`width` is no finite number: 1e39", ""),
        ('width,color,height\n"1,red,2\n', "opens a quote that is not closed", ""),
    ],
)
def test_mistakes_have_a_place(text: str, message: str, help: str, path: Path) -> None:
    with pytest.raises(DataError) as caught:
        named(path, text)
    assert message in caught.value.message
    assert help in (caught.value.help or "")


def test_a_file_without_a_header(path: Path) -> None:
    path.write_text("1,2\n3, 4\n\n")
    assert read_plain(path, 2).numbers == [[1, 2], [3, 4]]
    for text, message in (
        ("", "is empty"),
        ("1,2\n3\n", "row 2 (line 2) has 1 value, an example of the network 2"),
        ("1,2\n3,x\n", "row 2 (line 2): value 2 is no number: `x`"),
        ("1,2\n3,\n", "row 2 (line 2): value 2 is missing"),
        ("1,2\n3,nan\n", "row 2 (line 2): value 2 is no finite number: nan"),
    ):
        path.write_text(text)
        with pytest.raises(DataError) as caught:
            read_plain(path, 2)
        assert message in caught.value.message
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="row 1") as caught:
        read_plain(path, 2)
    assert "leave the header out" in (caught.value.help or "")


def test_a_file_that_is_no_text(path: Path) -> None:
    path.write_bytes(b"width,color,height\n1,\xff,2\n")
    with pytest.raises(DataError, match="is not in UTF-8: line 2"):
        read_named(path, INPUTS, delimiter=",")
