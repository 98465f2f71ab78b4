"""`nndsl exercise` and `nndsl grade`: what they write and refuse, and other programs' forms."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from errno import ENOSPC
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from command_line import Cli

import nndsl
from nndsl.course.grading.autograders import POINTS, Grading, gradescope
from nndsl.course.grading.grader import Grade, Grader
from nndsl.course.handouts.page import mathml
from nndsl.emit.script import Script
from nndsl.source import Source

PAGE = """\
data = csv("points.csv", target="y", test=0.2)

network {
  dense(classes)
}

train {
  loss      = softmax_cross_entropy
  optimizer = sgd(lr=0.1)
  epochs    = 2
}
"""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    rows = [f"{i % 7},{i % 5},{'ab'[i % 2]}" for i in range(40)]
    Path("points.csv").write_text("\n".join(["x1,x2,y", *rows]) + "\n")
    Path("page.nn").write_text(PAGE)
    return "page.nn"


@pytest.mark.slow
def test_an_exercise_and_its_grade(page: str, cli: Cli) -> None:
    result = cli("exercise", page, "--blank", "backward", "-o", "lab")
    assert result.code == 0
    assert "wrote lab: 3 blanks: dZ1, dW1, db1" in result.err
    assert sorted(path.name for path in Path("lab").iterdir()) == [
        "README.md",
        "exercise.json",
        "expected.npz",
        "points.csv",
        "test_train.py",
        "train.py",
    ]
    assert sorted(path.name for path in Path("lab-key").iterdir()) == [
        "key.md",
        "points.csv",  # beside the solution as well, so that it can be run
        "points.json",
        "train.py",
    ]
    again = cli("exercise", page, "--blank", "backward", "-o", "lab")
    assert "another folder after -o, or forget what it holds with --fresh" in again.err
    graded = cli("grade", page, "lab-key/train.py", "lab/train.py", "--format", "csv")
    assert graded.code == 1
    head, right, empty = graded.out.splitlines()
    assert head.startswith("student,points,of,first weights,loss,gradient of W1,")
    assert right.startswith("train.py,8,8,")
    assert empty.startswith("train.py,5,8,1,1,0,0,")


@pytest.mark.parametrize(
    ("arguments", "message", "help"),
    [
        (["exercise", "--blank", "dW7", "-o", "lab"], "nothing called `dW7`", "name one of"),
        (["exercise", "--blank", " ,", "-o", "lab"], "--blank names nothing", "--blank backward"),
        (["exercise", "--blank", "loss", "-o", "."], ". is not empty", "another folder"),
        (["grade", "nobody.py"], "there is no nobody.py", ""),
        (["grade", "page.nn", "--seed", "1" + "0" * 23], "below 2**63", ""),
        (["grade", "points.csv", "--points", "points.csv"], "cannot read points.csv", ""),
        (["grade", "page.nn", "--points", "worth.json"], "names `speed`", "these: first weights"),
    ],
)
def test_what_cannot_be_made(
    arguments: list[str], message: str, help: str, page: str, cli: Cli
) -> None:
    Path("worth.json").write_text('{"speed": 1}')
    command, *rest = arguments
    result = cli(command, page, *rest)
    assert result.code in (1, 2)
    assert message in result.err
    assert help in result.err
    assert not Path("lab").exists()


def test_an_exercise_is_written_whole_or_not_at_all(
    page: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(origin: Path, target: Path) -> None:
        raise OSError(ENOSPC, os.strerror(ENOSPC), str(target))

    before = sorted(Path().iterdir())
    with monkeypatch.context() as patched:
        patched.setattr("nndsl.cli.folders.copy", fails)
        result = cli("exercise", page, "--blank", "dW1", "-o", "lab")
    assert result.code != 0
    assert "no space left" in result.err
    assert sorted(Path().iterdir()) == before
    Path("lab").mkdir()
    assert cli("exercise", page, "--blank", "dW1", "-o", "lab").code == 0
    assert Path("lab/points.csv").exists()
    assert Path("lab-key/train.py").exists()


END = """
import os, signal, sys
from nndsl.cli import folders, main
number = signal.Signals[sys.argv.pop(1)]
folders.settle = lambda made: os.kill(os.getpid(), number)
sys.argv = ["nndsl", *sys.argv[1:]]
sys.exit(main())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process and asks nothing")
@pytest.mark.parametrize(("signal", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_what_is_terminated_leaves_nothing(signal: str, code: int, page: str) -> None:
    before = sorted(Path().iterdir())
    command = [sys.executable, "-c", END, signal, "exercise", page, "--blank", "dW1", "-o", "lab"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (code, "interrupted\n")
    assert sorted(Path().iterdir()) == before


def test_data_elsewhere_is_not_left_out_in_silence(page: str, cli: Cli) -> None:
    Path("pages").mkdir()
    Path("pages/page.nn").write_text(PAGE.replace("points.csv", "../points.csv"))
    asked = ("--blank", "dW1", "-o", "lab", "--for", "gradescope")
    result = cli("exercise", "pages/page.nn", *asked)
    assert result.code == 1
    assert "points.csv is not in the folder of the page" in result.err
    assert not Path("lab").exists()


def test_a_folder_of_images_is_packed_for_gradescope(tmp_path: Path) -> None:
    (tmp_path / "images/cat").mkdir(parents=True)
    (tmp_path / "images/cat/1.png").write_bytes(b"1")
    source = Source("page.nn", PAGE, tmp_path / "page.nn")
    ours = Path(nndsl.__path__[0], "datasets/digits.npz")  # which comes with nndsl there, too
    paths = {"images": tmp_path / "images", "digits": ours}
    files = {name: SimpleNamespace(path=path) for name, path in paths.items()}
    script = SimpleNamespace(files=files)
    archive = gradescope(Grading(source, {}, cast(Script, script), "train.py", POINTS, "{}"))
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        packed = file.namelist()
    assert "lab/images/cat/1.png" in packed
    assert not any("digits" in name for name in packed)


def test_one_script_does_not_end_the_grading(
    page: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(grader: Grader, student: str, text: str) -> Grade:
        raise AttributeError(student)

    monkeypatch.setattr(Grader, "grade", fails)
    Path("points.json").write_text('{"loss": 1}')
    Path("anna.py").write_text("x = 1\n")
    result = cli("grade", page, "--points", "points.json", "anna.py")
    assert result.code == 1
    assert "it cannot be graded: AttributeError: anna.py" in result.out


def test_what_the_pages_of_a_course_need_is_said_before_it_is_written(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "latex2mathml.converter", None)
    mathml.cache_clear()
    result = cli("new", "--course", str(tmp_path / "labs"))
    assert (result.code, result.out, [*tmp_path.iterdir()]) == (2, "", [])
    assert result.err == (
        "error: equations on a page need the package latex2mathml\n"
        '  = help: python -m pip install "nndsl[handout]"\n'
    )
