"""Bug hunts: mistakes that people make, which show in a check and in nothing else."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from benches import bench
from exercises import NORMALISED, SMALL, mended, reference

from nndsl.analysis.compile import analyse
from nndsl.cli import main
from nndsl.cli.progress import counted
from nndsl.course.grading import results
from nndsl.course.grading.grader import Grade, Grader
from nndsl.course.hunts.balance import balanced
from nndsl.course.hunts.confused import are_confused
from nndsl.course.hunts.grader import HuntGrader
from nndsl.course.hunts.hunts import TRAININGS, Hunts
from nndsl.course.hunts.key import (
    PARTS_OF_LEVELS,
    Hunt,
    answers,
    key_text,
    named,
    read_key,
    task,
)
from nndsl.course.hunts.mistakes import Functions, Mistake
from nndsl.course.hunts.planting import Plantable, planted
from nndsl.course.hunts.spread import Spread
from nndsl.course.hunts.training_shown import Trained, compared
from nndsl.diagnostics import Diagnostics
from nndsl.live.judging.checks import items
from nndsl.live.judging.reference import Reference
from nndsl.program.parts import BACKWARD, DATA, PARTS
from nndsl.source import Source

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def small() -> Reference:
    return Reference(analyse(Source("small.nn", SMALL), Diagnostics()), with_large=True)


@pytest.fixture(scope="module")
def hunts(small: Reference) -> Hunts:
    return Hunts(small, PARTS_OF_LEVELS[1])


@pytest.fixture(scope="module")
def anna(hunts: Hunts) -> Hunt:
    return hunts.make("anna", 1, 2, is_trained=False)


@pytest.fixture(scope="module")
def judge(small: Reference, anna: Hunt) -> HuntGrader:
    points = dict.fromkeys(items(small.expected(0)), 1.0)
    ben = Hunt("ben", 0, anna.right, anna.right, (), "")
    return HuntGrader(Grader(small, points=points), Source("small.nn", SMALL), {}, [anna, ben], 60)


def got(grade: Grade) -> list[float]:
    return [item.points for item in grade.items]


def test_a_hunt_differs_in_its_mistakes_alone(hunts: Hunts, anna: Hunt) -> None:
    assert hunts.make("anna", 1, 2, is_trained=False) == anna
    assert hunts.make("anna", 2, 2, is_trained=False).text != anna.text
    assert hunts.make("ben", 1, 2, is_trained=False).text != anna.text
    assert len({(mistake.function, mistake.first) for mistake in anna.mistakes}) == 2
    lines = mended(anna, 0, 1, mark="").split("\n")
    right = anna.right.split("\n")
    assert [a.split("  #")[0].rstrip() for a in lines if "text " not in a] == [
        b.split("  #")[0].rstrip() for b in right if "text " not in b
    ]
    assert "relu passes it on" not in anna.right  # what would tell it in a wrong one
    for mistake in anna.mistakes:
        assert mistake.part in PARTS_OF_LEVELS[1]
        assert mistake.shows


def test_a_mistake_is_far_from_right_whatever_numbers_are_drawn(
    small: Reference, hunts: Hunts, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = hunts.script.text(hunts.functions)
    for factor, wrong in (("1 + 1e-9", ()), ("1 + 1e-3", ("gradient of W1",))):
        returned = "return loss, penalty"
        text = script.replace(returned, f"dW1 *= {factor}\n    {returned}")
        assert hunts.wrong_results(text) == wrong
    for student in ("anna", "ben", "carl"):
        hunt = hunts.make(student, 1, 1, is_trained=False)
        for seed in (3, 4):
            wrong = hunts.wrong_results(hunt.text, small.expected(seed)) or ()
            assert {*hunt.mistakes[0].shows} <= {*wrong}
    made, by_chance = Hunts(small, PARTS_OF_LEVELS[1]), iter([("loss",), ("loss",), ()])
    monkeypatch.setattr(made, "wrong_results", lambda *_: next(by_chance))
    backward = next(one for one in made.mistakes if one.part == BACKWARD)
    assert made._always_wrong_by(backward) == ()


def test_nobody_of_a_class_has_the_mistake_of_another(hunts: Hunts) -> None:
    spread = Spread()
    of_class = [hunts.make(f"s{n}", 0, 1, is_trained=False, spread=spread) for n in range(16)]
    planted_ones = [hunt.mistakes[0] for hunt in of_class]
    assert len({(one.function, one.first, one.now.partition("#")[0]) for one in planted_ones}) == 16
    lines = Counter((one.function, one.first) for one in planted_ones)
    assert max(lines.values()) <= min(lines.values()) + 1


def test_a_variable_is_taken_for_one_of_its_role() -> None:
    rows, vector = np.ones((7, 4)), np.ones(4)
    arrays = dict.fromkeys("Z1 A1 dA1 dZ1 dZ2 x x_hat y dy mask1 self.x".split(), rows)
    arrays |= dict.fromkeys(("mean", "running_mean", "gamma", "inv_std", "var"), vector)
    sources = {"A1": {"Z1", "mask1"}, "inv_std": {"var"}, "y": {"x_hat"}}
    for one, other, are_alike in (
        ("Z1", "dZ1", True),
        ("Z1", "A1", True),
        ("dA1", "Z1", True),
        ("y", "x_hat", True),
        ("dy", "x_hat", False),
        ("dZ1", "dZ2", True),
        ("x", "x_hat", True),
        ("self.x", "x_hat", True),
        ("mean", "running_mean", True),
        ("mean", "gamma", False),
        ("var", "inv_std", False),
        ("A1", "mask1", False),
        ("Z1", "x", False),
    ):
        assert are_confused(one, other, arrays, sources) is are_alike
        assert are_confused(other, one, arrays, sources) is are_alike


def test_no_mistake_leaves_a_variable_unused(small: Reference, tmp_path: Path) -> None:
    """Every linter would tell it."""
    script = Plantable(small, "train.py")
    for number, mistake in enumerate(script.mistakes(script.functions)[::2]):
        text = script.text(planted(script.functions, [mistake]))
        (tmp_path / f"{number}.py").write_text(text)
    assert number > 50
    linter = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F841", tmp_path]
    done = subprocess.run([*linter, "--output-format", "concise"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_key_is_read_as_it_was_written(anna: Hunt) -> None:
    assert read_key(key_text([anna])) == [anna]
    told = answers([anna])
    assert all(f"+ {mistake.was}" in told for mistake in anna.mistakes)
    assert all(mistake.was not in task(anna, 1, "train.py") for mistake in anna.mistakes)


def test_who_names_and_mends_gets_points(judge: HuntGrader, anna: Hunt) -> None:
    assert [*judge.items] == [
        f"mistake {n}: {what}" for n in (1, 2) for what in ("named", "mended")
    ]
    assert got(judge.grade("anna.py", mended(anna, 0, 1))) == [1, 1, 1, 1]
    assert got(judge.grade("anna.py", mended(anna, 0, 1, mark=""))) == [0, 1, 0, 1]
    every = anna.text.replace("\n", "  # found\n")
    assert got(judge.grade("anna.py", every)) == [0, 0, 0, 0]
    assert got(judge.grade("anna.py", mended(anna, 1))) == [0, 0, 1, 1]


def test_a_rewritten_function_is_no_place(judge: HuntGrader, anna: Hunt) -> None:
    lines, first = mended(anna, 0, 1, mark="").split("\n"), anna.mistakes[0].first - 1
    begin = next(n for n in range(first, 0, -1) if lines[n - 1].startswith("    #"))
    end = next(n for n in range(first, len(lines)) if lines[n].startswith("    return"))

    def rewritten(mark: int) -> str:
        made = [f"{line.partition('  #')[0]};" for line in lines[begin:end]]
        made[mark] += "  # found"
        return "\n".join([*lines[:begin], *made, *lines[end:]])

    assert got(judge.grade("anna.py", rewritten(-1)))[:2] == [0, 1]
    assert got(judge.grade("anna.py", rewritten(first - begin)))[:2] == [1, 1]


def test_a_comment_names_a_line_where_it_begins_with_found(judge: HuntGrader, anna: Hunt) -> None:
    for mark, points in (
        ("  # not found", [0, 1, 0, 1]),
        ("  # foundation", [0, 1, 0, 1]),
        ("  # (N, 3)  #Found: it was wrong", [1, 1, 1, 1]),
    ):
        assert got(judge.grade("anna.py", mended(anna, 0, 1, mark=mark))) == points, mark


@pytest.mark.slow
def test_each_of_several_mistakes_is_judged_alone(judge: HuntGrader, hunts: Hunts) -> None:
    hunt = hunts.make("carl", 70, 2, rewritten=0, is_trained=False)
    first, second = hunt.mistakes
    assert {*second.shows} < {*first.shows}
    assert "db2 = dZ2.mean(axis=0)" in second.now
    grader = replace(judge, hunts=[hunt])
    for now, points in {
        "db2 = np.ones(N) @ dZ2": [0, 0, 1, 1],  # in another way, while the first one stands
        "db2 = dZ2.max(axis=0)": [0, 0, 1, 0],
    }.items():
        text = hunt.text.replace("db2 = dZ2.mean(axis=0)", f"{now}  # found", 1)
        assert got(grader.grade("carl.py", text)) == points, now


def test_a_script_is_that_of_its_student(judge: HuntGrader, anna: Hunt) -> None:
    assert judge.grade("ben.py", anna.text).refused == "it is the script of anna"
    twin = replace(judge, hunts=[anna, replace(anna, student="carl")])  # the same, by chance
    assert got(twin.grade("carl.py", mended(anna, 0, 1))) == [1, 1, 1, 1]
    copied = twin.grade("zoe.py", mended(anna, 0, 1))
    said = "nobody on the list is called zoe: it is the script of anna"
    assert (got(copied), copied.remark) == ([1, 1, 1, 1], said)
    assert said in results.text([copied])
    assert said in results.text([copied, copied])
    assert "it is no script of this hunt" in judge.grade("zoe.py", "x = 1\n").refused
    cheats = mended(anna, 0, 1).replace("import numpy", "import nndsl\nimport numpy", 1)
    assert "it imports nndsl" in judge.grade("anna/train.py", cheats).refused


@pytest.mark.slow
def test_a_hunt_in_how_data_is_taken(small: Reference) -> None:
    made = Hunts(small, ("data",))
    hunt = made.make("anna", 0, 1)
    (mistake,) = hunt.mistakes
    assert all(map(made._wrong_by, made.likely[0]))  # none is of a part that is not there
    assert hunt.seen
    assert mistake.shows[0] in ("data", "training loop")
    points = dict.fromkeys(items(small.expected(0)), 1.0)
    judge = HuntGrader(Grader(small, points=points), Source("small.nn", SMALL), {}, [hunt], 60)
    grade = judge.grade(hunt.student, hunt.text)
    assert got(grade) == [0, 0]
    assert grade.items[1].says.startswith(f"{mistake.shows[0]}: ")
    other = mended(hunt, 0).replace("N = len(X)", "N = X.shape[0]")
    assert other != mended(hunt, 0)
    assert got(judge.grade(hunt.student, other)) == [1, 1]


def test_every_part_of_a_script_may_have_mistakes() -> None:
    made = Hunts(reference(NORMALISED), PARTS)
    found = {mistake.part for mistake in made.mistakes}
    assert found == {*PARTS}
    assert "prediction in training mode" in {mistake.kind for mistake in made.mistakes}


def test_it_is_said_how_many_of_all_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert [*counted(range(120), 120)] == [*range(120)]
    assert capsys.readouterr().err == "50 of 120\n100 of 120\n"


def test_hunts_for_a_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec, table, folder = tmp_path / "small.nn", tmp_path / "class.csv", tmp_path / "hunts"
    spec.write_text(SMALL)
    table.write_text("section,name\n1,anna\n2,ben\n")
    arguments = ["hunt", str(spec), "--students", str(table), "-o", str(folder), "--level", "1"]
    assert main(arguments) == 0
    assert {path.name for path in folder.iterdir()} == {"anna", "ben"}
    assert {path.name for path in (folder / "anna").iterdir()} == {"train.py", "hunt.md"}
    texts = [(folder / name / "train.py").read_text() for name in ("anna", "ben")]
    assert texts[0] != texts[1]
    key = json.loads((tmp_path / "hunts-key/hunts.json").read_text())
    assert [hunt["student"] for hunt in key] == ["anna", "ben"]
    told = (folder / "anna/hunt.md").read_text()
    assert f"What you see when you run it: {key[0]['seen']}." in told
    (folder / "anna/train.py").write_text(key[0]["right"])
    capsys.readouterr()
    graded = [str(spec), str(folder), "--hunt", str(tmp_path / "hunts-key"), "--format", "csv"]
    assert main(["grade", *graded]) == 1
    rows = capsys.readouterr().out.splitlines()
    assert main(["grade", *graded, "--points", "points.json"]) == 2
    assert "--points is of an exercise" in capsys.readouterr().err
    assert main(["grade", str(spec), str(folder), "--hunt", str(table)]) == 2
    assert "is no key of `nndsl hunt`" in capsys.readouterr().err
    assert rows[0] == "student,points,of,mistake 1: named,mistake 1: mended,why"
    assert rows[1].startswith("anna,1,2,0,1,")
    assert rows[2].startswith("ben,0,2,0,0,")


@pytest.mark.parametrize(
    ("result", "losses", "part", "says"),
    [
        (0.0864, (3.0, 1.0, 0.7), BACKWARD, "it does not learn: at the end the test accuracy is"
         " 0.0864"),
        (0.1365, (3.0, 1.0, 0.7), BACKWARD, "it learns next to nothing"),
        (0.81, (3.0, 1.0, 0.7), BACKWARD, "it learns, but less"),
        (0.9999, (3.0, 1.0, 0.7), BACKWARD, "it learns, and better"),
        (0.9999, (3.0, 1.0, 0.7), DATA, "too good to be true"),
        (0.97201, (3.0, 1.0, 0.00001), BACKWARD, "training looks right: at the end the test "
         "accuracy is 0.9720, as it should be"),
    ],
)  # fmt: skip
def test_what_training_shows(
    result: float, losses: tuple[float, ...], part: str, says: str
) -> None:
    right = Trained((3.0, 1.0, 0.00003), 0.00001, 0.972, "", 1000)
    wrong = Trained(losses, 0.00003, result, "", 1000)
    assert compared(right, wrong, "test_accuracy", 0.12, [part])[0].startswith(says)


def test_three_of_a_hundred_examples_show_nothing() -> None:
    losses = (3.0, 1.0, 0.1)
    for result in (0.775, 0.825):
        for examples, shows in ((120, False), (100_000, True)):
            right = Trained(losses, 0.1, 0.8, "", examples)
            wrong = Trained(losses, 0.1, result, "", examples)
            said, is_shown = compared(right, wrong, "test_accuracy", 0.3, [BACKWARD])
            assert is_shown is shows
            assert ("no more than chance away" in said) is not shows


def test_a_student_is_told_what_the_right_script_reaches(anna: Hunt) -> None:
    told = replace(anna, reached="the accuracy at the end is about 0.9720")
    for level in PARTS_OF_LEVELS:
        assert "Without mistakes, the accuracy at the end is about 0.9720." in task(
            told, level, "a"
        )


def test_what_is_added_balances_what_is_taken_away() -> None:
    changes = np.array([[-9.0, 0], [-3, 0], [3, 0], [-6, 0], [2, 0], [-1, 0]])
    places, prior = ["a", "a", "a", "b", "b", "c"], np.array([1.0, 1, 1, 1.5, 1.5, 3])
    likely = balanced(changes, places, prior)
    assert [sum(likely[:3]), sum(likely[3:5]), likely[5]] == pytest.approx([1 / 3] * 3)
    before, after = prior / prior.sum() @ changes, likely @ changes
    assert abs(after[0]) < 0.3 * abs(before[0])
    assert (likely > 0.001).all()  # none is never made


@pytest.mark.slow
def test_a_wrong_line_is_not_told_by_how_long_it_is() -> None:
    """Without balance it is told in 0.72 of pairs, and comes 13th of 33 lines in its script."""
    of = bench("hunts")
    made = [of.hunts_of(Source("small.nn", SMALL), 200)]
    lines, scripts = of.pairs(made), of.scripts(made)
    assert 0.4 < of.told(lines, lines.scores("counts")).share < 0.6
    above, rank, chance = of.ranked(scripts, scripts.scores("counts"))
    right = of.scripts(made, are_right=True)
    where, *_ = of.ranked(right, right.scores("counts"))  # told by where mistakes are made
    assert abs(above.share - where.share) < 0.1, (above, where)
    assert abs(rank - chance) < 0.1 * 2 * chance
    assert set(Counter(scripts.owners).values()) == {2 * chance - 1}  # all lines but a missing one


@pytest.mark.slow
def test_a_line_with_a_mistake_is_as_likely_written_in_another_way(hunts: Hunts) -> None:
    """Else the lines that are written as `nndsl build` does would be the wrong ones."""

    def rewritten(*mistakes: Mistake) -> Functions:
        return hunts._in_another_way(np.random.default_rng(0), 99, mistakes)[0]

    plain, likely = rewritten(), hunts.likely[0]
    at = [
        one
        for one in likely
        if plain[one.function][one.at] != hunts.functions[one.function][one.at]
    ]
    kept = sum(rewritten(one) == plain for one in at)
    assert len(at) > 20
    assert kept > 0.8 * len(at)


def test_what_training_does_not_show_is_said(small: Reference, hunts: Hunts) -> None:
    """A mistake that shows is taken before others; where there is none, results are named."""
    made = Hunts(small, PARTS_OF_LEVELS[1])
    made._seen = lambda chosen: ("training looks right", False)  # type: ignore[method-assign]
    hunt = made.make("anna", 1, 1)
    assert hunt.seen.endswith(f"; what is wrong all the same: {named(hunt.mistakes)}")
    assert hunt.mistakes == hunts.make("anna", 1, 1, is_trained=False).mistakes
    drawn: list[object] = []
    draw = made._chosen
    made._chosen = lambda *given: drawn.append(given) or draw(*given)  # type: ignore[method-assign,func-returns-value]
    made.make("anna", 1, 1)
    assert len(drawn) == TRAININGS
    shown = [draw(np.random.default_rng([1, crc32(b"anna")]), 1, Spread())]
    made._seen = lambda chosen: ("it stalls", chosen != shown[0])  # type: ignore[method-assign]
    other = made.make("anna", 1, 1)
    assert other.seen == "it stalls"
    assert other.mistakes != hunt.mistakes
    untold = replace(hunt, seen="")
    assert f"What is wrong by it: {named(hunt.mistakes)}." in task(untold, 1, "train.py")


@pytest.mark.slow
def test_a_hunt_is_told_by_a_check_alone() -> None:
    made, found = bench("hunts").hunts_of(Source("normalised.nn", NORMALISED), 12)
    for hunt in found:
        ast.parse(hunt.text)
        assert made.wrong_results(hunt.right) == ()
        (mistake,) = hunt.mistakes
        assert mistake.shows
        now, was = mistake.now.split("\n"), mistake.was.split("\n")
        if len(now) == len(was) and mistake.now:
            comments = [[line.partition("#")[2] for line in lines] for lines in (now, was)]
            assert comments[0] == comments[1]
