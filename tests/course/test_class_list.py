from __future__ import annotations

from pathlib import Path

import pytest

from nndsl.cli import main
from nndsl.course.hunts.class_list import ClassListError, read_class_list


def listed(folder: Path, text: str, encoding: str = "utf-8") -> list[str]:
    (folder / "class.csv").write_bytes(text.encode(encoding))
    return read_class_list(folder / "class.csv")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("name,section\nanna,1\n\nben,1\n", ["anna", "ben"]),
        ("Login\nO'Brien Sean\nÅsa\n", ["O'Brien Sean", "Åsa"]),
        ("nr;name\n1;Ann\n2;Bob\n", ["Ann", "Bob"]),
        ("name\tnr\nAnn\t1\n", ["Ann"]),
        ("name\n山田\N{IDEOGRAPHIC SPACE}太郎\n", ["山田\N{IDEOGRAPHIC SPACE}太郎"]),
        ('Name\n"Smith, John"\n', ["Smith, John"]),
        ("First Name,Last Name,SID,Email\nAnna,Berg,31,a@b.org\n", ["31"]),
        ("name,学籍番号\nAnna,31\n", ["31"]),
        ("氏名,組\n学生（１）,1\n", ["学生（１）"]),
    ],
)
def test_names_as_spreadsheets_write_them(text: str, names: list[str], tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig"):
        assert listed(tmp_path, text, encoding) == names
    for name in names:
        (tmp_path / name).mkdir()  # it can


@pytest.mark.parametrize(
    ("text", "says", "help"),
    [
        ("", "names no student", "a title"),
        ("name\n", "names no student", "a title"),
        ("name\nanna\nAnna\n", "names anna twice", "numbers"),
        ("name\nが\nか\N{COMBINING KATAKANA-HIRAGANA VOICED SOUND MARK}\n", "twice", "numbers"),
        ("Ann\nBob\n", "known to name students: Ann", "student"),
        ("name,section\nann,1\n,2\n", ",2 in", "leave such a line out"),
        ("name\n../anna\n", "cannot be the name of a folder", ": *"),
        ("name\nanna.\n", "cannot be the name of a folder", "dots"),
        ("name\nNUL\n", "cannot be the name of a folder", "leave out"),
        ("name\nSmith, John\n", "has more fields than the titles", "into quotes"),
        ("first,last\nAnna,Berg\n", "known to name students: first, last", "student"),
        ('name\n"anna\n', "is no table", "quotes"),
    ],
)
def test_a_table_that_is_no_class(text: str, says: str, help: str, tmp_path: Path) -> None:
    with pytest.raises(ClassListError) as raised:
        listed(tmp_path, text)
    assert says in raised.value.message
    assert help in (raised.value.help or "")


def test_a_table_in_the_encoding_of_a_country(tmp_path: Path) -> None:
    with pytest.raises(ClassListError) as raised:
        listed(tmp_path, "氏名\n山田\n", "shift_jis")
    assert "is not in UTF-8" in raised.value.message
    assert "CSV UTF-8" in (raised.value.help or "")


def test_nothing_is_written_for_a_class_with_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "class.csv").write_text("name\n../anna\n")
    spec = Path(__file__).parents[2] / "specs/two_layer_net.nn"
    students = ["--students", str(tmp_path / "class.csv")]
    assert main(["hunt", str(spec), *students, "-o", str(tmp_path / "hunts")]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: '../anna' in {tmp_path}")
    assert "cannot be the name of a folder" in said
    assert not (tmp_path / "hunts").exists()
