"""What `nndsl hunt --for` writes, in the programs that it is for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from exercises import SMALL, mended

from nndsl.cli import main
from nndsl.course.hunts.key import Hunt, read_key

RUNNER = {  # of Classroom 50: what it sets
    "CLASSROOM": "nn",
    "ASSIGNMENT": "hunt5",
    "ASSIGNMENT_TYPE": "individual",
    "SUBMISSION_TAG": "submit/1",
    "COMMIT_URL": "https://example.org/commit",
    "RELEASE_URL": "https://example.org/release",
}
ADDRESS = "anna@example.org"


@pytest.fixture
def hunts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Hunt, ...]:
    """Hunts of two students, of a page with data of its own, in the folder of the test."""
    monkeypatch.chdir(tmp_path)
    rows = [f"{i % 7},{i % 5},{'abc'[i % 3]}" for i in range(60)]
    Path("points.csv").write_text("\n".join(["x1,x2,y", *rows]) + "\n")
    data = 'csv("points.csv", target="y", test=0.2)'
    Path("page.nn").write_text(SMALL.replace("spiral(classes=3, samples=20)", data))
    Path("class.csv").write_text(f"student\n{ADDRESS}\nben\n")
    command = ["hunt", "page.nn", "--students", "class.csv", "-o", "hunts"]
    assert main([*command, "--for", "gradescope", "--for", "classroom50"]) == 0
    return tuple(read_key(Path("hunts-key/hunts.json").read_text(encoding="utf-8")))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
def test_gradescope_says_who_hands_in_which_script(hunts: tuple[Hunt, ...]) -> None:
    """As its documentation says, but for setup.sh: nndsl is installed here."""
    autograder = Path("autograder").resolve()
    with zipfile.ZipFile("hunts-key/gradescope.zip") as file:
        file.extractall(autograder / "source")
    shutil.rmtree("hunts-key")
    run = shutil.copy(autograder / "source/run_autograder", autograder)
    Path(run).chmod(0o755)
    programs = autograder / "source/venv/bin"
    programs.mkdir(parents=True)
    (programs / "nndsl").symlink_to(Path(sys.executable).parent / "nndsl")
    (autograder / "submission").mkdir()

    def graded(email: str, text: str) -> tuple[float, str]:
        (autograder / "submission/train.py").write_text(text, encoding="utf-8")
        users = [{"email": email, "id": 1234, "name": "A Student"}]
        told = {"id": 1, "submission_method": "upload", "users": users, "previous_submissions": []}
        (autograder / "submission_metadata.json").write_text(json.dumps(told))
        environment = {"PATH": os.environ["PATH"], "AUTOGRADER": str(autograder)}
        subprocess.run([run], env=environment, check=True)
        results = json.loads((autograder / "results/results.json").read_text(encoding="utf-8"))
        assert [test["name"] for test in results["tests"]] == [
            "mistake 1: named",
            "mistake 1: mended",
        ]
        return results["score"], results["output"]

    anna, ben = hunts
    assert graded("Anna@example.org", mended(anna, 0)) == (2, "")
    assert graded("ben@example.org", mended(ben, 0)) == (2, "")
    assert graded("ben@example.org", mended(ben, 0, mark="")) == (1, "")
    assert graded(ADDRESS, mended(ben, 0)) == (0, "it is the script of ben")
    assert graded("carl@example.org", mended(ben, 0)) == (0, "no hunt is of carl@example.org")
    (autograder / "submission_metadata.json").write_text("{}")
    grade = ["grade", "page.nn", str(autograder / "submission/train.py"), "--format", "gradescope"]
    assert main([*grade, "--hunt", str(autograder / "source/lab/hunt.json")]) == 2


@pytest.mark.slow
def test_classroom_50_takes_the_folder_of_a_student(hunts: tuple[Hunt, ...]) -> None:
    """The repository of each is made from the folder of all: theirs is the one of their name."""
    autograder = Path("hunts-key/classroom50/autograder.py").resolve()
    anna, ben = hunts

    def graded(owner: str) -> tuple[int, str]:
        installed = {"PIP_DRY_RUN": "1", "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1"}  # it is, here
        environment = {**os.environ, **installed, **RUNNER, "OWNER": owner}
        subprocess.run([sys.executable, autograder], cwd="hunts", env=environment, check=True)
        result = json.loads(Path("hunts/result.json").read_text(encoding="utf-8"))
        assert (result["owner"], result["max-score"]) == (owner, 2)
        return result["score"], Path("hunts/release-body.md").read_text(encoding="utf-8")

    score, told = graded("Ben")
    assert score == 0
    assert "**mistake 1: named**: 0 of 1\n\n    no line has the comment `# found`" in told
    Path("hunts/ben/train.py").write_text(mended(ben, 0), encoding="utf-8")
    assert graded("Ben")[0] == 2
    Path("hunts/ben/train.py").write_text(mended(anna, 0), encoding="utf-8")
    score, told = graded("Ben")
    assert score == 0
    assert f"it is the script of {ADDRESS}" in told
