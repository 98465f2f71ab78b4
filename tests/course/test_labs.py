"""The labs of the course: pages without faults, and what `nndsl new --course` makes of them."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from exercises import solved

from nndsl.analysis.compile import analyse
from nndsl.cli import main
from nndsl.course import labs as course
from nndsl.course.exercises.exercise import write_exercise
from nndsl.course.grading.own_wheel import NAME
from nndsl.course.labs import labs, page, readme
from nndsl.diagnostics import Diagnostics
from nndsl.lints import lint
from nndsl.live.execute import execute
from nndsl.live.gradients.builds import in_float64
from nndsl.live.judging.checks import Checks
from nndsl.live.judging.observation import observe
from nndsl.live.judging.reference import Reference

FOLDERS = ("labs", "labs-after", "labs-end", "labs-key")
PAGES = [name for lab in labs() for name in lab.pages]
ONE_SIDED = "it is near what it should be: is the difference taken on both sides of the weight?"
BY_DIFFERENCES = next(lab for lab in labs() if "by_differences" in lab.page)


def reference(name: str) -> Reference:
    return Reference(analyse(page(name), Diagnostics()))


def checked(text: str, of: Reference) -> Checks:
    expected = of.expected(1)
    seen = observe(execute(in_float64(text), "train.py"), expected, "train.py")
    return Checks(seen, expected, {})


def test_every_page_is_of_a_lab() -> None:
    assert sorted(PAGES) == sorted(path.name for path in Path(course.__path__[0]).glob("*.nn"))


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wrong_with_a_page(name: str) -> None:
    diagnostics = Diagnostics()
    lint(analyse(page(name), diagnostics), diagnostics)
    assert not diagnostics.diagnostics


@pytest.mark.slow
@pytest.mark.parametrize("lab", labs(), ids=lambda lab: lab.page)
def test_its_exercise_has_blanks_and_is_solved_by_the_key(lab: course.Lab) -> None:
    of = reference(lab.pages[0])
    made = write_exercise(of, lab.blank.split(","), lab.level)
    assert made.blanks
    assert made.asked
    first = "".join(blank.hints[0] for blank in made.blanks)
    left_out = [line for blank in made.blanks for line in blank.code.split("\n")]
    assert not [line for line in left_out if f"`{line.partition('  #')[0].strip()}`" in first]
    assert checked(solved(made), of).is_right


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("p[i] = number - H", "p[i] = number + H", "gradient of W1: it is zero"),
        ("/ (2 * H)", "/ H", "gradient of W1: it is 2 times what it should be"),
        ("H = 0.0001 ", "H = 1e-05 ", ""),
        ("(above - below) / (2 * H)", "(above - loss) / H", f"gradient of W1: {ONE_SIDED}"),
    ],
)
def test_gradients_by_differences_may_have_another_width(was: str, now: str, says: str) -> None:
    of = reference(BY_DIFFERENCES.pages[0])
    text = of.script.text.replace(was, now)
    assert text != of.script.text
    checks = checked(text, of)
    assert checks.item("gradient of W1").startswith(says) if says else checks.is_right


@pytest.mark.slow
def test_a_course_has_all_of_each_lab_and_keeps_answers_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    made = [lab for lab in labs() if lab.page in ("one_layer", "gradient_check")]
    monkeypatch.setattr("nndsl.cli.course_pack.labs", lambda: made)
    with Path("class.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["name"], ["anna"], ["ben"]])
    asked = ["new", "--course", "spring/labs", "--students", "class.csv", "--for", "nbgrader"]
    assert main([*asked, "--style", "layers"]) == 0
    monkeypatch.chdir("spring")
    assert Path("labs-key/02_gradient_check/exercise/nbgrader/train.ipynb").exists()
    given = {path.relative_to("labs").as_posix() for path in Path("labs").rglob("*")}
    assert {f"01_one_layer/{name}" for name in ("one_layer.nn", "handout.html")} <= given
    assert "02_gradient_check/by_backpropagation.py" in given
    assert not [name for name in given if "hunt" in name]
    after = {path.relative_to("labs-after").as_posix() for path in Path("labs-after").rglob("*")}
    assert {"01_one_layer/hunt/anna/train.py", "01_one_layer/README.md"} <= after
    assert not [name for name in after if "handout" in name]  # beside a hunt it shows the mistakes
    handouts = [Path(one, "01_one_layer/handout.html") for one in ("labs", "labs-end")]
    assert ["NotImplementedError" in one.read_text() for one in handouts] == [True, False]
    assert not [name for name in given if "key" in name or "points" in name]
    key = Path("labs-key/README.md").read_text()
    assert str(tmp_path) not in key
    questions = [answer for lab in made for _, answer in lab.ask]
    assert all(answer in key for answer in questions)
    handed_out = Path("labs/README.md").read_text()
    asked_afterwards = Path("labs-after/01_one_layer/README.md").read_text()
    for question, answer in made[0].ask:
        assert question in asked_afterwards
        assert answer not in asked_afterwards
        assert question not in handed_out
    assert f"labs 02 ask takes nndsl as well: `pip install ./{NAME}`" in handed_out
    with ZipFile(Path("labs", NAME)) as wheel:
        assert "nndsl/course/labs/labs.toml" in wheel.namelist()
    assert "class Dense" in Path("labs/01_one_layer/exercise/train.py").read_text()
    assert not any(answer in handed_out for answer in questions)
    mine = Path("labs/01_one_layer/exercise/train.py")
    hunt = Path("labs-after/01_one_layer/hunt/ben/train.py").read_text()
    commands = [line.split() for line in key.split("\n") if line.startswith("    nndsl ")]
    made_by = [words for words in commands if words[1] != "grade" and "01_one_layer" in words[2]]
    assert [words[1] for words in made_by] == [*["handout"] * 3, "exercise", "hunt"]
    Path("labs/01_one_layer/one_layer.nn").write_text(page("two_layers.nn").text)
    for words in made_by:  # as printed, where it is said
        assert main(words[1:]) == 0
    assert "class Sigmoid" in mine.read_text()
    assert Path("labs-after/01_one_layer/hunt/ben/train.py").read_text() != hunt
    for words in (words for words in commands if "--points" in words and "01" in words[2]):
        solution = "labs-key/01_one_layer/exercise/train.py"
        assert main([solution if word == "ANSWERS" else word for word in words[1:]]) == 0
    capsys.readouterr()
    assert main(["exercise", made_by[-2][2], "--blank", "loss", "-o", "labs", "--fresh"]) == 2
    assert "labs is not empty" in capsys.readouterr().err  # which no exercise made
    assert main(["new", "--course", "labs"]) == 2
    assert "labs is not empty" in capsys.readouterr().err


def test_a_course_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("nndsl.cli.course_pack.labs", lambda: labs()[:1])
    assert main(["new", "--course", "labs", "--for", "nbgradr"]) == 2
    assert "--for knows no `nbgradr`" in capsys.readouterr().err
    assert not Path("labs").exists()
    assert main(["new", "--course", "labs", "--students", "nobody.csv"]) == 2
    assert "nobody.csv" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


def test_the_table_of_a_course_links_its_labs() -> None:
    text = readme([(lab.page, lab, []) for lab in labs()], *FOLDERS)
    assert len(re.findall(r"^\| \[\d\d\]\(#\w+\) \|", text, re.MULTILINE)) == len(labs())


def test_a_teacher_reads_how_long_it_takes_and_who_gets_what() -> None:
    made = [(lab.page, lab, []) for lab in labs()]
    text = readme(made, *FOLDERS, is_key=True, of_class=True)
    assert f"They are {sum(lab.minutes for lab in labs())} in all." in text
    assert "each student gets the folder with his name, and no other" in text
    assert "each student gets" not in readme(made, *FOLDERS, is_key=True)


def test_a_lab_says_what_command_it_takes() -> None:
    text = readme([(lab.page, lab, []) for lab in labs()], *FOLDERS)
    for lab in labs():
        command = re.search(r"^#   (nndsl .+)", page(lab.pages[0]).text, re.MULTILINE)
        assert (command and command[1]) == (lab.command or None)
        assert not lab.command or f"Run `{lab.command}`" in text


def test_a_loss_by_itself_is_left_out_where_it_is_said_again() -> None:
    made = write_exercise(reference(BY_DIFFERENCES.pages[0]), ["loss"], 2)
    assert {blank.function for blank in made.blanks} == {"batch_loss", "evaluate"}
    assert "log_P[np" not in str(made.student["train.py"])


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("return -log_softmax(predict(X))[np.arange(len(X)), t].mean()", ["loss"]),
        ("return -log_softmax(predict(X))[np.arange(len(X)), t].sum()", []),
    ],
)
def test_a_loss_by_itself_is_judged_before_its_slopes_are_written(
    code: str, right: list[str]
) -> None:
    of = reference(BY_DIFFERENCES.pages[0])
    made = write_exercise(of, ["loss", "loss_and_gradients"], 3)
    checks = checked(solved(made, batch_loss=code, loss_and_gradients=""), of)
    by_itself, slopes, _ = made.blanks
    alone = checks.blank(by_itself.function, list(by_itself.variables), by_itself.part)
    assert ("times what it should be" in alone) != bool(right)
    after = checks.blank(slopes.function, list(slopes.variables), slopes.part)
    assert "not written yet: loss_and_gradients" in after
    asked = ("loss", "gradient of W1")
    assert [item for item in asked if not checks.item(item)] == right
