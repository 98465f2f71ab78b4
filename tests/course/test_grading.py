"""Grading: right in any way is right, wrong is told, and what cheats gets nothing."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from exercises import SMALL, checked, exercise, line_of, reference, solved

from nndsl.course.exercises.exercise import Exercise
from nndsl.course.grading.autograders import POINTS, Grading, classroom50_folder, gradescope
from nndsl.course.grading.grader import Grade, Grader
from nndsl.course.grading.submissions import (
    SubmissionError,
    overlooked,
    read_submission,
    submissions,
)
from nndsl.languages import in_language
from nndsl.live.judging import checks
from nndsl.live.judging.reference import Reference, given_of
from nndsl.live.script.own_process import Ended
from nndsl.source import Source

GRADIENTS = ["gradient of W1", "gradient of b1", "gradient of W2", "gradient of b2"]
RESULTS = ["first weights", "loss", "penalty", *GRADIENTS, "update", "prediction", "evaluation"]


@pytest.fixture(scope="module")
def small() -> Reference:
    return reference()


@pytest.fixture(scope="module")
def grader(small: Reference) -> Grader:
    return Grader(small, seed=3, timeout=30)


@pytest.fixture(scope="module")
def made(small: Reference) -> Exercise:
    return exercise(small, "backward", "update")


def lost(grade: Grade) -> list[str]:
    return [item.name for item in grade.items if item.says]


def test_the_solution_gets_all_points(grader: Grader, made: Exercise) -> None:
    grade = grader.grade("anna.py", str(made.key["train.py"]))
    assert [item.name for item in grade.items] == [*RESULTS, "accuracy after training"]
    assert grade.points == grade.of == 11
    assert not grade.refused


def test_what_is_not_returned_gets_no_points(grader: Grader, made: Exercise) -> None:
    text = str(made.key["train.py"]).replace(', "b1": db1', "")
    grade = grader.grade("anna.py", text)
    assert lost(grade) == ["gradient of b1", *lost(grade)[1:]]
    assert grade.items[RESULTS.index("gradient of b1")].says.startswith("the gradient of b1 is not")


def test_what_prints_arrays_is_neither_slow_nor_wrong(grader: Grader, made: Exercise) -> None:
    text = str(made.key["train.py"]).replace(
        "    N = len(X)\n", "    N = len(X)\n    print(X)\n", 1
    )
    loud = text.replace("    return loss, ", "    print('-' * 100_000)\n    return loss, ", 1)
    assert loud != text
    grade = grader.grade("anna.py", loud)
    assert grade.points == grade.of
    assert grade.seconds < 20


@pytest.mark.slow
def test_what_has_no_end_is_not_trained(grader: Grader, made: Exercise) -> None:
    text = str(made.key["train.py"]).replace("    N = len(X)\n", "    while True: pass\n", 1)
    grade = grader.grade("anna.py", text)
    assert grade.items[-1].says.startswith("it takes more than 5 seconds, or has no end")
    assert grade.seconds < 25  # with one whole limit of a call, and some of a twentieth


def test_a_mask_that_differs_is_told(grader: Grader, made: Exercise) -> None:
    dropout = SMALL.replace("  relu\n", "  relu\n  dropout(0.5)\n")
    of = reference(dropout)
    text = of.script.text
    drawn = Grader(of, seed=3, timeout=30)
    grade = drawn.grade("anna.py", text.replace(">= DROPOUT_RATE", "< DROPOUT_RATE"))
    assert grade.first_wrong.startswith(
        "mask1: a mask lets through what it should not, and nothing"
    )
    assert "loss" in lost(grade)


def test_a_plot_costs_nothing(small: Reference, grader: Grader, made: Exercise) -> None:
    """Where no matplotlib is, and no screen: neither when it is called nor when it trains."""
    plot = "import matplotlib.pyplot as plt\n_, ax = plt.subplots()\nax.plot([1, 2])\nplt.show()\n"
    text = f"{solved(made)}\n{plot}from matplotlib import pyplot\npyplot.title('a')\n"
    assert lost(grader.grade("anna.py", text)) == []
    before = sys.modules.get("matplotlib")
    assert checked(text, small).is_right  # as a student's tests see it
    assert sys.modules.get("matplotlib") is before


def test_what_is_done_gets_points(grader: Grader, made: Exercise) -> None:
    grade = grader.grade("ben.py", solved(made, dA1=""))
    assert lost(grade) == ["gradient of W1", "gradient of b1", "accuracy after training"]


def test_what_learns_with_a_wrong_gradient_proves_nothing(grader: Grader, made: Exercise) -> None:
    grade = grader.grade("ben.py", solved(made, db2="db2 = 2 * dZ2.sum(axis=0)"))
    assert lost(grade) == ["gradient of b2", "accuracy after training"]
    assert grade.items[-1].says == "it learns with a wrong gradient of b2"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answers", "names"),
    [
        ({"dW2": "dW2 = A1.T @ dZ2"}, ["gradient of W2"]),
        ({"dZ2": "dZ2 = np.exp(log_P)\ndZ2[np.arange(N), t] -= 1"}, GRADIENTS),
        ({"dZ2": "dZ2 = (np.exp(log_P) - np.eye(3)[t]) / N"}, []),
        (
            {"dW1": "dW1 = X.T @ dZ1\nfor i in range(6):\n    dW1[:, i] += L2 * W1[:, i]"},
            [],
        ),
    ],
)
def test_each_result_is_judged_alone(
    answers: dict[str, str], names: list[str], grader: Grader, made: Exercise
) -> None:
    found = lost(grader.grade("x.py", solved(made, **answers)))
    assert [name for name in found if name != "accuracy after training"] == names


BEGINNINGS = {
    "import nndsl": "it imports nndsl, which knows the answer",
    "import os; os.fork()": "it would start or end a process (`os.fork`)",
    "import subprocess; subprocess.run(['true'])": "it would start or end a process",
    "open('/etc/passwd').read()": "it reads /etc/passwd: a script needs its data",
    "import os; os.remove('/etc/passwd')": "it changes files (`os.remove`)",
    "Path('/etc/passwd2').write_text('')": "it writes to /etc/passwd2",
    "import socket; socket.socket()": "it uses `socket`",
    "import ctypes; ctypes.CDLL(None)": "it uses `ctypes`",
    "import gc; gc.get_objects()": "it uses `gc`",
    "np.exp = lambda x: x * 0": "it replaces `np.exp`",
    "import os; os.path.realpath = lambda *a, **k: os.devnull\n"
    "import importlib; importlib.import_module('nndsl')": "it replaces `os.path.realpath`",
    "import os\nopen('mine', 'w').close()\nos.rename('mine', '/etc/passwd3')": "it changes files",
    "import builtins; builtins.abs = lambda x: 0": "it replaces `builtins.abs`",
    "try:\n    open('/etc/passwd')\nexcept BaseException:\n    pass": "it reads /etc/passwd",
}


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, marks=[pytest.mark.slow] * (number > 0))
        for number, code in enumerate(BEGINNINGS)
    ],
)
def test_what_cheats_gets_nothing_and_is_told_why(
    code: str, grader: Grader, made: Exercise
) -> None:
    text = str(made.key["train.py"]).replace("\n\n\n# --- Param", f"\n\n{code}\n\n\n# --- Param", 1)
    grade = grader.grade("eve.py", text)
    assert grade.points == 0
    assert BEGINNINGS[code] in grade.refused


def test_libraries_read_their_own_files(grader: Grader, made: Exercise) -> None:
    code = "np.testing.assert_equal(1, 1); import pydoc, zoneinfo; np.info(np.exp)"
    code += "; zoneinfo.available_timezones()"
    text = str(made.key["train.py"]).replace("\n\n\n# --- Param", f"\n\n{code}\n\n\n# --- Param", 1)
    grade = grader.grade("anna.py", text)
    assert not grade.refused
    assert grade.points == grade.of
    own = Path(checks.__file__)
    grade = grader.grade("eve.py", f"open({str(own)!r})\n{text}")
    assert f"it reads {own.resolve()}" in grade.refused


@pytest.mark.parametrize("single", ['"float32"', "np.single"])
def test_another_name_of_float32_is_float64(single: str, grader: Grader, made: Exercise) -> None:
    answer = f"dW2 = A1.T @ dZ2.astype({single}) + np.asarray(L2 * W2, {single})"
    assert not lost(grader.grade("x.py", solved(made, dW2=answer)))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there is no `params`: the file is empty"),
        ("x = (\n", "it is no Python: '(' was never closed (line 1)"),
    ],
)
def test_what_is_no_script_is_told(text: str, says: str, grader: Grader) -> None:
    assert grader.grade("x.py", text).refused == says


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1", "there is no `params`"),
        ("import sys; sys.exit(0)", "it ends the program (line 1)"),
        ("import os; os._exit(0)", "it ends the program (line 1)"),
        ("import torch", "`torch`: a script needs numpy and the standard library alone (line 1)"),
        ("1 / 0", "ZeroDivisionError: division by zero (line 1)"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt (line 1)"),
        ("import numpy as np\nnp.zeros(10**12)", "MemoryError"),
        ("import signal; signal.raise_signal(9)", "its process was ended"),
        ("while True:\n    print('x' * 10000)", "it prints more than 1,000,000 characters"),
    ],
)
def test_what_fails_is_told(text: str, says: str, grader: Grader) -> None:
    grade = grader.grade("x.py", text)
    assert grade.points == 0
    assert says in (grade.refused or grade.items[1].says)


@pytest.mark.slow
def test_what_has_no_end_is_stopped(small: Reference, made: Exercise) -> None:
    grader = Grader(small, timeout=3)
    assert grader.items
    text = str(made.key["train.py"]).replace("    N = len(X)", "    while True: pass", 1)
    began = time.monotonic()
    grade = grader.grade("x.py", text)
    assert time.monotonic() - began < 14
    line = text.split("\n").index("    while True: pass") + 1
    assert f"it takes more than 5 seconds, or has no end (line {line})" in grade.items[1].says
    assert {"first weights", "update", "prediction"}.isdisjoint(lost(grade))


@pytest.mark.parametrize(
    "said",
    [
        {"failures": {"begin": 3}, "arrays": "", "printed": ""},
        {"failures": {"begin": {"kind": "", "says": ""}}, "arrays": "", "printed": ""},
        {"failures": {}, "arrays": 3, "printed": ""},
    ],
)
def test_what_is_no_answer_gets_nothing(
    said: dict[str, object], small: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    def process(module: str, sent: bytes, *limits: object) -> Ended:
        nonce = json.loads(sent.split(b"\n")[0])["nonce"]
        lines = [{"nonce": nonce, **said}, {"nonce": nonce, "done": True}]
        return Ended("\n".join(map(json.dumps, lines)), 0)

    monkeypatch.setattr("nndsl.course.grading.runner.run_module", process)
    grade = Grader(small, points={"loss": 1}, seed=1).grade("eve.py", "x = 1\n")
    assert grade.refused == "it writes into what its process says"


def test_a_script_is_not_given_what_is_right(grader: Grader) -> None:
    kept = grader.expected.keys() - given_of(grader.expected).keys()
    assert {name.split("/")[1] for name in kept} >= set(RESULTS)
    assert all("gradient of" not in name for name in given_of(grader.expected))


def test_points_of_a_teacher(small: Reference, made: Exercise) -> None:
    grader = Grader(small, points={"gradient of W1": 3, "loss": 0.5}, seed=1)
    grade = grader.grade("x.py", solved(made, dZ1="dZ1 = dA1"))
    assert [(item.name, item.points, item.of) for item in grade.items] == [
        ("loss", 0.5, 0.5),
        ("gradient of W1", 0, 3),
    ]
    assert "dZ1: a mask is missing" in grade.first_wrong


def test_what_is_worth_nothing_is_not_trained(
    small: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    def process(*job: object) -> Ended:
        raise AssertionError("it runs the script of the page")

    monkeypatch.setattr("nndsl.course.grading.runner.run_module", process)
    grader = Grader(small, points={"loss": 1, "accuracy after training": 0}, seed=1)
    assert grader.items == {"loss": 1}
    assert not grader.left_out
    assert grader.known[-1] == "accuracy after training"


def test_it_is_said_why_training_is_left_out(
    small: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    code: list[int | None] = [None, 3]
    monkeypatch.setattr(
        "nndsl.course.grading.runner.run_module", lambda *job: Ended("", code.pop())
    )
    assert "and it ends its process: exit code 3" in Grader(small, seed=1).left_out
    assert "has 20 s, and it was stopped" in Grader(small, seed=1).left_out


def test_a_folder_of_students(tmp_path: Path) -> None:
    files = ("anna.py", "ben/train.py", "ben/notes.txt", "carl/a.py", "carl/b.py", "dora.zip")
    nested = ("chris/lab5/train.py", "chris/lab5/test_train.py", "emil/train.ipynb", "emil/x.py")
    for name in (*files, *nested, "fritz/train.txt", "test_train.py", "fritz/.x/train.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "gabi").mkdir()
    (tmp_path / "hans").mkdir()
    (tmp_path / "hans/train.py").symlink_to(tmp_path / "nowhere.py")
    found = {
        name: str(path) if isinstance(path, SubmissionError) else path.relative_to(tmp_path)
        for name, path in submissions([tmp_path])
    }
    assert found == {
        "anna.py": Path("anna.py"),
        "ben": Path("ben/train.py"),
        "carl": "the folder holds several scripts: a.py, b.py",
        "chris": Path("chris/lab5/train.py"),
        "emil/train.ipynb": Path("emil/train.ipynb"),
        "fritz": "the folder holds no script and no notebook: train.txt",
        "gabi": "the folder holds no script and no notebook: nothing",
        "hans": Path("hans/train.py"),
    }
    assert overlooked([tmp_path]) == [tmp_path / "dora.zip", tmp_path / "test_train.py"]
    with pytest.raises(SubmissionError, match=r"train\.py is a link: hand in what it leads to"):
        read_submission(tmp_path / "hans/train.py")
    with pytest.raises(SubmissionError, match="there is no"):
        list(submissions([tmp_path / "zoe.py"]))


def test_a_notebook_is_read(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Lab"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "x = 1\n"]},
        {"cell_type": "code", "source": "y = 2"},
    ]
    path = tmp_path / "lab.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    assert read_submission(path).script == "\nx = 1\n\n\ny = 2\n"
    goes_on = {"cell_type": "code", "source": 'x = (7\n     % 4)\ns = """\n!a\n"""\n%time'}
    speaks = {"cell_type": "code", "source": "# not by otter.Notebook\ny = 2"}
    checks = {"cell_type": "code", "source": "from exercise_checks import check\ncheck('loss')"}
    path.write_text(json.dumps({"cells": [goes_on, speaks, checks]}))
    kept = 'x = (7\n     % 4)\ns = """\n!a\n"""\n'
    assert read_submission(path).script == f"{kept}\n\n# not by otter.Notebook\ny = 2\n"
    path.write_text("[]")
    with pytest.raises(SubmissionError, match="is no notebook"):
        read_submission(path)


def test_what_grades_elsewhere_speaks_the_language_of_the_exercise(small: Reference) -> None:
    grading = Grading(Source("small.nn", SMALL), {}, small.script, "train.py", POINTS, "{}")
    assert "--lang" not in grading.command()
    with in_language("ja"):
        archive, folder = gradescope(grading), classroom50_folder(grading)
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        assert " --lang ja " in file.read("run_autograder").decode()
    run = folder["autograder.py"].decode()
    assert '"--lang", "ja"' in run
    assert '"{1} 点中 {0} 点".format(' in run


@pytest.mark.parametrize(
    ("asked", "handed_in", "graded"),
    [
        ("train.ipynb", "train.ipynb", "train.ipynb"),
        ("train.ipynb", "train.py", "train.py"),
        ("train.py", "train.ipynb", "train.ipynb"),
        ("train.py", "lab.py", "train.py"),  # which says what it should be called
    ],
)
def test_gradescope_takes_what_is_handed_in(
    asked: str, handed_in: str, graded: str, small: Reference, tmp_path: Path
) -> None:
    archive = gradescope(Grading(Source("small.nn", SMALL), {}, small.script, asked, POINTS, "{}"))
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        file.extractall(tmp_path / "source")
    command = tmp_path / "source/venv/bin/nndsl"
    for path in (command, tmp_path / "submission" / handed_in):
        path.parent.mkdir(parents=True)
        path.write_text('#!/bin/sh\nfor last; do :; done\nprintf %s "$last"\n')
    command.chmod(0o755)
    environment = {"PATH": os.defpath, "AUTOGRADER": str(tmp_path)}
    subprocess.run(["bash", tmp_path / "source/run_autograder"], env=environment, check=True)
    taken = (tmp_path / "results/results.json").read_text()
    assert taken == str(tmp_path / "submission" / graded)


def test_another_name_is_not_graded(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=r"train\.py was not handed in: call it so"):
        read_submission(tmp_path / "train.py")


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({"A1 = np.maximum(0, Z1)": "A1 = Z1"}, ["loss"]),
        (
            {"A1 = np.maximum(0, Z1)": "A1 = Z1", "dZ1 = dA1 * (Z1 > 0)": "dZ1 = dA1"},
            ["loss", "gradient of W1", "gradient of b1"],
        ),
        (
            {"A1 = np.maximum(0, Z1)": "A1 = 0 * Z1"},
            ["loss", "gradient of W2"],
        ),
        (
            {"dA1 = dZ2 @ W2.T": "dA1 = -dZ2 @ W2.T"},
            ["gradient of W1", "gradient of b1"],
        ),
    ],
)
def test_gradients_may_follow_from_a_wrong_forward_pass(
    changes: dict[str, str], lost: list[str]
) -> None:
    of = reference(SMALL.replace("  regularize = l2(0.01)\n", ""))
    text = of.script.text
    for was, now in changes.items():
        assert f"{was} " in text
        text = text.replace(was, now)
    asked = [name for name in of.expected(0) if name.split("/")[1].startswith(("loss", "gradient"))]
    points = {name.split("/")[1]: 1.0 for name in asked}
    grade = Grader(of, points=points, is_of_an_exercise=True).grade("anna", text)
    assert [item.name for item in grade.items if not item.points] == lost
    strict = Grader(of, points=points).grade("anna", text)
    lost_strictly = [item.name for item in strict.items if not item.points]
    assert (len(lost_strictly) > len(lost)) == ("loss" in lost), lost_strictly


@pytest.mark.parametrize(
    ("naming", "changed", "name"), [("book", "a1", "z1"), ("cs231n", "a1", "h1")]
)
def test_a_script_with_other_names_is_held_to_what_the_page_calls_so(
    naming: str, changed: str, name: str
) -> None:
    of = reference(SMALL.replace("  regularize = l2(0.01)\n", ""))
    text = Reference(of.checked, naming=naming).script.text
    was = f"{name} = np.maximum(0, {changed})"
    assert text.count(f"{was} ") == 1
    wrong = text.replace(was, f"{name} = {changed}")
    points = {"loss": 1.0, "gradient of W1": 1.0, "gradient of b2": 1.0}
    grade = Grader(of, points=points, is_of_an_exercise=True).grade("anna", wrong)
    assert [item.name for item in grade.items if not item.points] == ["loss"]
    assert grade.first_wrong.startswith(f"{name}: a mask is missing")
    assert grade.first_wrong.endswith(f"\nline {line_of(wrong, f'{name} = {changed} ')} gives it")
