"""What `nndsl exercise --for` writes, in the programs that it is for."""

from __future__ import annotations

import importlib
import json
import re
import shutil
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

pytestmark = pytest.mark.slow


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
    assert "gradient of W1: a transpose is missing" in feedback


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
            assert "gradient of W1: a transpose is missing" in results.summary()
    assert earned == EARNED
