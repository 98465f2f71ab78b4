"""What `nndsl exercise --for` writes, in the programs that it is for."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from command_line import Cli

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
BLANK = r'raise NotImplementedError\("dW1.*"\)'
NBGRADERS = r"# YOUR CODE HERE\n    raise NotImplementedError\(\)"  # stands for a solution
RIGHT, WRONG = 'dW1 = np.einsum("ni,nj->ij", X, dZ1)', "dW1 = dZ1.T @ X"
ANSWERS = {"anna": RIGHT, "ben": WRONG, "carl": None}
EARNED = {  # of the gradients of W1 and b1: what carl left out ends the function before b1
    "anna": {"gradient of W1": 1, "gradient of b1": 1},
    "ben": {"gradient of W1": 0, "gradient of b1": 1},
    "carl": {"gradient of W1": 0, "gradient of b1": 0},
}
RUNNER = {  # of Classroom 50: what it sets
    "CLASSROOM": "nn",
    "ASSIGNMENT": "lab5",
    "ASSIGNMENT_TYPE": "individual",
    "OWNER": "anna",
    "SUBMISSION_TAG": "submit/1",
    "COMMIT_URL": "https://example.org/commit",
    "RELEASE_URL": "https://example.org/release",
}
GRADESCOPES = {  # what its documentation names, and of which kind it is
    "": {
        "score": (int, float),
        "execution_time": (int, float),
        "output": str,
        "output_format": str,
        "test_output_format": str,
        "test_name_format": str,
        "visibility": str,
        "stdout_visibility": str,
        "extra_data": dict,
        "tests": list,
        "leaderboard": list,
    },
    "tests": {
        "score": (int, float),
        "max_score": (int, float),
        "status": str,
        "name": str,
        "name_format": str,
        "number": str,
        "output": str,
        "output_format": str,
        "tags": list,
        "visibility": str,
        "extra_data": dict,
    },
}
CHOICES = {
    "status": ("passed", "failed"),
    "visibility": (shown := ("hidden", "after_due_date", "after_published", "visible")),
    "stdout_visibility": shown,
    "output_format": ("text", "html", "simple_format", "md", "ansi"),
}


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / "jupyter"))
    rows = [f"{i % 7},{i % 5},{'ab'[i % 2]}" for i in range(40)]
    Path("points.csv").write_text("\n".join(["x1,x2,y", *rows]) + "\n")
    Path("page.nn").write_text(PAGE)
    return "page.nn"


def answered(notebook: Path, answer: str | None, blank: str) -> str:
    """Return a notebook in which something stands for its blank."""
    held = json.loads(notebook.read_text(encoding="utf-8"))
    found = 0
    for cell in held["cells"]:
        cell["source"], replaced = re.subn(blank, answer or r"\g<0>", "".join(cell["source"]))
        found += replaced
    assert found == 1
    return json.dumps(held)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Object of type")  # nbgrader's own, of its database
def test_nbgrader_makes_the_assignment_and_grades_it(page: str, cli: Cli) -> None:
    api = pytest.importorskip("nbgrader.apps", reason="comes with the extra graders; CI demands it")
    config = importlib.import_module("traitlets.config")
    assert cli("exercise", page, "--blank", "dW1", "-o", "lab", "--for=nbgrader").code == 0
    course = Path("course").resolve()
    Path(course, "source").mkdir(parents=True)
    Path("lab-key/nbgrader").rename(course / "source/lab")
    nbgrader = api.NbGraderAPI(config=config.Config({"CourseDirectory": {"root": str(course)}}))

    def made(result: dict[str, Any]) -> None:
        assert result["success"], result
        assert "WARNING" not in result["log"]

    made(nbgrader.generate_assignment("lab"))
    handed_out = course / "release/lab"
    text = (handed_out / "train.ipynb").read_text(encoding="utf-8")
    assert "X.T @ dZ1" not in text
    assert "SOLUTION" not in text
    points = {}
    for student, answer in ANSWERS.items():
        folder = course / "submitted" / student / "lab"
        shutil.copytree(handed_out, folder)
        handed_in = answered(folder / "train.ipynb", answer, NBGRADERS)
        (folder / "train.ipynb").write_text(handed_in, encoding="utf-8")
        made(nbgrader.autograde("lab", student))
        submission = nbgrader.gradebook.find_submission("lab", student)
        points[student] = {grade.name: grade.score for grade in submission.notebooks[0].grades}
        assert submission.max_score == 2
    assert points == {
        student: {name.replace(" ", "-"): score for name, score in earned.items()}
        for student, earned in EARNED.items()
    }
    made(nbgrader.generate_feedback("lab", "ben"))
    feedback = (course / "feedback/ben/lab/train.html").read_text(encoding="utf-8")
    assert "gradient of W1: it is the transpose" in feedback


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The inplace keyword")  # Otter's own, of a table
def test_otter_runs_the_tests(page: str, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    otter = pytest.importorskip("otter.api", reason="comes with the extra graders; CI demands it")
    generate = importlib.import_module("otter.generate")
    assert cli("exercise", page, "--blank", "dW1", "-o", "lab", "--for=otter").code == 0
    monkeypatch.chdir("lab-key/otter")
    beside = [file.name for file in Path().iterdir() if file.is_file() and file.suffix != ".ipynb"]
    generate.main(files=beside)
    earned = {}
    for student, answer in ANSWERS.items():
        handed_in = Path(student, "train.ipynb")
        handed_in.parent.mkdir()
        handed_in.write_text(answered(Path("train.ipynb"), answer, BLANK), encoding="utf-8")
        results = otter.grade_submission(str(handed_in), quiet=True)
        cases = results.get_result("train").test_case_results
        earned[student] = {case.test_case.name: case.passed for case in cases}
        assert (results.total, results.possible) == (sum(EARNED[student].values()), 2)
        if student == "ben":
            assert "gradient of W1: it is the transpose" in results.summary()
    assert earned == EARNED


def unpacked(cli: Cli, page: str) -> Path:
    """Return the folder that Gradescope has as /autograder, made for an exercise of a page."""
    settings = ("--set", "train.epochs=3")
    made = cli(
        "exercise",
        page,
        "--blank",
        "dW1",
        "-o",
        "lab",
        "--for=gradescope",
        "--for=classroom50",
        *settings,
    )
    assert made.code == 0
    autograder = Path("autograder").resolve()
    with zipfile.ZipFile("lab-key/gradescope.zip") as file:
        assert file.getinfo("setup.sh").external_attr >> 16 == 0o755
        file.extractall(autograder / "source")
    shutil.copy(autograder / "source/run_autograder", autograder)
    (autograder / "run_autograder").chmod(0o755)
    (autograder / "submission").mkdir()
    return autograder


@pytest.mark.slow
def test_gradescope_and_classroom_50_run_what_they_get(page: str, cli: Cli) -> None:
    """As its documentation says: setup.sh once, and in /autograder a copy of run_autograder."""
    autograder = unpacked(cli, page)
    environment = {"PATH": os.environ["PATH"], "AUTOGRADER": str(autograder)}
    run = partial(subprocess.run, cwd=autograder, env=environment, check=True)
    run(["bash", autograder / "source/setup.sh"], stdout=subprocess.DEVNULL)
    shutil.rmtree("lab")  # nothing of it is there
    solution = Path("lab-key/train.py").read_text(encoding="utf-8")
    answers = {"carl": None, "ben": solution.replace("X.T @ dZ1", "dZ1.T @ X"), "anna": solution}
    scores = {}
    for student, answer in answers.items():
        if answer:
            (autograder / "submission/train.py").write_text(answer, encoding="utf-8")
        run([autograder / "run_autograder"])
        results = json.loads((autograder / "results/results.json").read_text(encoding="utf-8"))
        for kind, documents in {"": [results], "tests": results["tests"]}.items():
            for name, value in (pair for document in documents for pair in document.items()):
                assert isinstance(value, GRADESCOPES[kind][name]), name
                assert value in CHOICES.get(name, (value,)), name
        assert results["score"] == sum(test["score"] for test in results["tests"])
        said = {test["name"]: test["output"] for test in results["tests"]}
        scores[student] = results["score"], said["gradient of W1"].partition(" (")[0]
    assert scores == {
        "carl": (0, "train.py was not handed in: call it so"),
        "ben": (1, "gradient of W1: it is the transpose of what it should be"),
        "anna": (3, ""),
    }
    _classroom_50_runs_it(autograder)


def _classroom_50_runs_it(autograder: Path) -> None:
    """As its documentation says: in a student's checkout, with the variables of its runner."""
    python = autograder / "source/venv/bin/python"
    environment = {"PATH": os.environ["PATH"], **RUNNER}
    run = [python, Path("lab-key/classroom50/autograder.py").resolve()]
    subprocess.run(run, cwd=autograder / "submission", env=environment, check=True)
    result = json.loads((autograder / "submission/result.json").read_text(encoding="utf-8"))
    assert (result["score"], result["max-score"]) == (3, 3)
    script = autograder / "submission/train.py"
    script.write_text(script.read_text(encoding="utf-8").replace("X.T @ dZ1", "-X.T @ dZ1"))
    subprocess.run(run, cwd=autograder / "submission", env=environment, check=True)
    said = (autograder / "submission/release-body.md").read_text(encoding="utf-8")
    assert said.startswith("### 1 of 3 points\n")
    assert "**gradient of W1**: 0 of 1\n\n    gradient of W1: its sign is wrong" in said


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in RUNNER.items():
        monkeypatch.setenv(name, value)


@pytest.mark.slow
def test_a_result_for_classroom_50(page: str, cli: Cli, runner: None) -> None:
    assert cli("exercise", page, "--blank", "dW1", "-o", "lab").code == 0
    command = ("grade", page, "lab/train.py", "--points", "lab-key/points.json")
    graded = cli(*command, "--format", "classroom50")
    assert graded.code == 1
    result = json.loads(graded.out)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", result.pop("datetime"))
    tests = result.pop("tests")
    assert result == {
        "schema": "classroom50/result/v1",
        "classroom": "nn",
        "assignment": "lab5",
        "assignment_type": "individual",
        "owner": "anna",
        "submission": "submit/1",
        "commit": "https://example.org/commit",
        "release": "https://example.org/release",
        "review": "https://example.org/commit",
        "score": 0,
        "max-score": 3,
    }
    for test in tests:
        said = test.pop("output")
        assert test == {"test-name": test["test-name"], "passed": False, "score": 0, "max-score": 1}
        assert all(type(test[name]) is int for name in ("score", "max-score"))
        assert "dW1: shape" in said


def test_what_classroom_50_cannot_take(
    page: str, cli: Cli, runner: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("points.json").write_text('{"loss": 0.5}')
    command = ("grade", page, page, "--points", "points.json", "--format", "classroom50")
    refused = cli(*command)
    assert refused.code == 2
    assert "knows whole points alone, and loss has 0.5" in refused.err
    monkeypatch.delenv("OWNER")
    assert "Classroom 50 sets OWNER where it grades, and nobody did here" in cli(*command).err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
@pytest.mark.parametrize("there", ["none", "python3.11-venv"])
def test_gradescope_is_told_which_python_is_needed(there: str, page: str, cli: Cli) -> None:
    """In an image with Python 3.10, whose apt-get has a later one, or has none."""
    autograder = unpacked(cli, page)
    programs, later = Path("programs").resolve(), Path("python3.11").resolve()
    programs.mkdir()
    venv = 'mkdir -p venv/bin && ln -s "$(type -P true)" venv/bin/python'
    stand_ins = {
        programs / "python3": "exit 1",  # it is asked whether it is recent enough
        later: f'if [ "$2" = venv ]; then {venv}; fi',
        programs / "apt-get": f'[ "${{@: -1}}" = {there} ] && mv {later} {programs}',
    }
    for program, text in stand_ins.items():
        program.write_text(f"#!{shutil.which('bash')}\n{text}\n")
        program.chmod(0o755)
    for name in ("bash", "dirname", "ln", "mkdir", "mv", "true"):
        (programs / name).symlink_to(str(shutil.which(name)))
    setup = ["bash", autograder / "source/setup.sh"]
    done = subprocess.run(setup, env={"PATH": str(programs)}, capture_output=True, text=True)
    is_there = there != "none"
    assert done.returncode == (0 if is_there else 1)
    assert ("nndsl needs Python 3.11 or later" in done.stderr) is not is_there
    assert (autograder / "source/venv/bin/python").exists() is is_there


def as_shell(command: str, folder: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, as a workflow of GitHub does."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_commands_of_the_workflow_are_run(page: str, cli: Cli) -> None:
    assert cli("exercise", page, "--blank", "dW1", "-o", "lab", "--for=github").code == 0
    workflow = Path("lab/.github/workflows/exercise.yml").read_text(encoding="utf-8")
    *before, tests = re.findall(r"^      - run: (.+)$", workflow, re.MULTILINE)
    assert [as_shell(command, "lab").returncode for command in before] == [0]
    empty = as_shell(tests, "lab")
    assert empty.returncode == 1
    assert "is not written yet: dW1" in empty.stdout
    shutil.copy("lab-key/train.py", "lab")
    assert as_shell(tests, "lab").returncode == 0


@pytest.mark.slow
def test_the_tests_of_classroom_50(page: str, cli: Cli) -> None:
    assert cli("exercise", page, "--blank", "dW1", "-o", "lab", "--for=classroom50").code == 0
    document = json.loads(Path("lab-key/tests.json").read_text(encoding="utf-8"))
    assert {*document} == {"schema", "tests"}
    assert document["schema"] == "classroom50/tests/v1"
    for test in document["tests"]:
        assert {*test} == {"name", "type", "setup", "run", "points", "timeout"}
        assert test["type"] == "run"
        assert len(test["name"].encode()) <= 100
        assert 0 < test["timeout"] <= 600
        assert isinstance(test["points"], int)
    solution = Path("lab-key/train.py").read_text(encoding="utf-8")
    for student, answer in (("carl", None), ("ben", solution.replace("X.T @ dZ1", "dZ1.T @ X"))):
        if answer:
            Path("lab/train.py").write_text(answer, encoding="utf-8")
        assert EARNED[student] == {
            test["name"]: test["points"] * (as_shell(test["run"], "lab").returncode == 0)
            for test in document["tests"]
        }
