"""Files and folders that a spec names: only regular ones are opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nndsl.data import DataError
from nndsl.data.source_file import find_file, find_folder, title_of


def test_paths_are_relative_to_the_folder_of_the_spec(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "a.csv").touch()
    assert find_file(tmp_path, "a.csv", "file") == tmp_path / "a.csv"
    assert find_file(tmp_path / "specs", "../a.csv", "file").samefile(tmp_path / "a.csv")
    assert find_file(tmp_path / "specs", str(tmp_path / "a.csv"), "file") == tmp_path / "a.csv"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.csv", "there is no file `missing.csv`"),
        ("", "`` is a folder"),
        ("folder", "`folder` is a folder"),
        (os.devnull, "is a device or a pipe"),
        ("a.csv/b", "cannot be opened"),
        ("\0", "cannot be opened"),
        ("\ud800", "cannot be opened"),
        ("x" * 5000, "cannot be opened"),
    ],
)
def test_what_is_no_file(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.csv").touch()
    with pytest.raises(DataError) as caught:
        find_file(tmp_path, name, "file")
    assert message in caught.value.message
    assert caught.value.field == "file"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="a device or a pipe"):
        find_file(tmp_path, "pipe", "file")


def test_what_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.csv").touch()
    assert find_folder(tmp_path, "folder", "folder") == tmp_path / "folder"
    for name, message in {
        "a.csv": "`a.csv` is no folder",
        "missing": "there is no folder `missing`",
        "\0": "cannot be opened",
    }.items():
        with pytest.raises(DataError, match=message):
            find_folder(tmp_path, name, "folder")


def test_a_title_holds_nothing_that_ends_a_text() -> None:
    assert title_of('data/it"s\n\\ {größe}.csv') == "it_s_gr_e_.csv"
