"""Whatever is handed in in the place of a script gets no points, and is told so soon."""

from __future__ import annotations

import inspect
import json
import os
import resource
import sys
import zipfile
from pathlib import Path

import pytest
from exercises import SMALL, reference

from nndsl.course.exercises.notebook_code import without_magic
from nndsl.course.grading.grader import Grader
from nndsl.course.grading.submissions import (
    MAX_NOTEBOOK,
    MAX_SCRIPT,
    SubmissionError,
    read_submission,
    submissions,
)
from nndsl.live.judging.observation import limited

CELL = {"cell_type": "code", "source": "x = 1\n"}
HUGE = 50_000_000_000  # bytes that are not there: they would not fit into memory


def _make(path: Path) -> None:
    kind = path.stem
    if kind == "huge":
        with path.open("wb") as file:
            file.truncate(HUGE)
    elif kind == "long":
        path.write_text("x = 1\n" * (MAX_SCRIPT // 6 + 1))
    elif kind == "cells":
        path.write_text(json.dumps({"cells": [CELL] * 100_000}))
    elif kind == "outputs":
        path.write_text(json.dumps({"cells": [CELL], "pictures": "x" * MAX_NOTEBOOK}))
    elif kind == "deep":
        path.write_text("[" * 1_000_000)
    elif kind == "binary":
        path.write_bytes(b"x = 1\n\xff")
    elif kind == "bomb":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("train.py", bytes(10_000_000))
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("huge.py", "is larger than 20 MB, and no script"),
        ("long.py", "has 100_002 characters of code, and more than 100_000 are not read"),
        ("cells.ipynb", "has 799_999 characters of code, and more than 100_000 are not read"),
        ("outputs.ipynb", "is larger than 10 MB: leave out what its cells gave"),
        ("deep.ipynb", "is no notebook"),
        ("binary.py", r"is not UTF-8 text \(byte 6\)"),
        ("bomb.zip", r"is neither a script \(.py\) nor a notebook \(.ipynb\)"),
        ("pipe.py", "is no regular file"),
        ("device.py", "is a link: hand in what it leads to"),
        ("nowhere.py", "was not handed in"),
    ],
)
def test_what_nobody_wrote_is_not_read(name: str, says: str, tmp_path: Path) -> None:
    _make(tmp_path / name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with limited(30), pytest.raises(SubmissionError, match=says):
        read_submission(tmp_path / name)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200_000  # kB


def test_links_and_endless_folders_of_students(tmp_path: Path) -> None:
    for folder in ("handed_in/deep", "key"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "key/train.py").write_text("x = 1\n")
    (tmp_path / "handed_in/link").symlink_to(tmp_path / "key")
    (tmp_path / "handed_in/deep" / ("a/" * 400)).mkdir(parents=True)
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 200)  # a folder of 1,000 is deep by itself
    try:
        found = {name: str(path) for name, path in submissions([tmp_path / "handed_in"])}
    finally:
        sys.setrecursionlimit(before)
    assert found["link"] == "link is a link: hand in what it leads to"
    assert found["deep"].startswith("the folder ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\0\n", "it is no Python: "),
        (f"x = {'-' * 90_000}1\n", "it cannot be read: it is nested too deeply"),
    ],
)
def test_what_python_cannot_read_gets_no_points(text: str, says: str) -> None:
    grade = Grader(reference(SMALL), points={"loss": 1}, seed=1).grade("anna", text)
    assert (grade.points, grade.of) == (0, 1)
    assert grade.refused.startswith(says)


def test_cells_are_read_in_one_pass() -> None:
    """However many lines look like magic inside of a bracket or a string."""
    with limited(20):
        for begun, line in (("(", "%"), ("'''", "\\'''"), ("", "'" * 10)):
            text = "\n".join([begun, *[line] * 20_000])
            assert without_magic(text) == text
    quoted = 'a = "\'\'\'"\n%time\nb = \'"""\'  # (\n!ls [\nc = {"]": 1}\n%d\nd = 1 + \\\n%e'
    assert without_magic(quoted) == (
        'a = "\'\'\'"\n\nb = \'"""\'  # (\n\nc = {"]": 1}\n\nd = 1 + \\\n%e'
    )
