"""Bug hunts in scripts made of layer classes, and mistakes of running averages in both styles."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from exercises import NORMALISED, SMALL

from nndsl.analysis.compile import analyse
from nndsl.cli import main
from nndsl.course.grading.grader import Grader
from nndsl.course.hunts.balance import look
from nndsl.course.hunts.grader import HuntGrader
from nndsl.course.hunts.hunts import Hunts
from nndsl.course.hunts.key import PARTS_OF_LEVELS, Hunt
from nndsl.course.hunts.mistakes import Mistake
from nndsl.course.hunts.planting import planted
from nndsl.diagnostics import Diagnostics
from nndsl.ir.printer import statement as print_statement
from nndsl.live.judging.checks import items
from nndsl.live.judging.reference import Reference
from nndsl.live.model import Model
from nndsl.live.script.check import TRAINING_PASS, check_script
from nndsl.program.parts import EVALUATION, FORWARD, PARTS
from nndsl.program.style import FLAT, LAYERS, STYLES
from nndsl.source import Source


def hunts(text: str, style: str, *parts: str) -> Hunts:
    checked = analyse(Source("small.nn", text), Diagnostics())
    return Hunts(Reference(checked, with_large=True, style=style), parts)


def with_mistake(made: Hunts, mistake: Mistake) -> str:
    return made.script.text(planted(made.functions, [mistake]))


def mended(hunt: Hunt) -> str:
    """Return what a student hands in who names and mends the first mistake."""
    lines, mistake = hunt.text.split("\n"), hunt.mistakes[0]
    was = [f"{line.partition('  #')[0]}  # found" for line in mistake.was.split("\n") if line]
    lines[mistake.first - 1 : mistake.last] = was
    return "\n".join(lines)


def unread(text: str) -> set[tuple[str, str]]:
    """Return the attributes that a class gives its objects, and nothing in it reads."""
    found = set()
    for of in ast.parse(text).body:
        if isinstance(of, ast.ClassDef):
            inside = [node for node in ast.walk(of) if isinstance(node, ast.Attribute)]
            own = [one for one in inside if ast.unparse(one.value) == "self"]
            kept, read = (
                {one.attr for one in own if isinstance(one.ctx, kind)}
                for kind in (ast.Store, ast.Load)
            )
            found |= {(of.name, name) for name in kept - read}
    return found


def test_a_hunt_in_classes_differs_in_its_mistakes_alone() -> None:
    made = hunts(SMALL, LAYERS, *PARTS_OF_LEVELS[1])
    found = [made.make(student, 0, 1, is_trained=False) for student in ("anna", "ben", "carl")]
    assert len({hunt.text for hunt in found}) == 3
    for hunt in found:
        (mistake,) = hunt.mistakes
        assert "class Dense(Layer):" in hunt.text
        assert mistake.shows
        assert made.wrong_results(hunt.right) == ()
        assert made.wrong_results(hunt.text) == mistake.shows
        right, now = (
            [line.split("  #")[0].rstrip() for line in text.split("\n") if "text " not in line]
            for text in (hunt.right, mended(hunt))
        )
        assert now == right
        assert "passes it on" not in hunt.right  # what would tell it in a wrong one
    assert {mistake.function for mistake in made.mistakes if "." in mistake.function} >= {
        "Dense.backward",
        "Relu.backward",
        "SoftmaxCrossEntropy.backward",
    }


def test_no_mistake_leaves_an_attribute_unread() -> None:
    """A careful reader would tell it, as a linter tells an unused variable."""
    made = hunts(NORMALISED, LAYERS, *PARTS)
    right = unread(made.script.text(made.functions))
    assert {name for _, name in right} == {"gradients"}
    of_methods = [mistake for mistake in made.mistakes if "." in mistake.function]
    assert len(of_methods) > 100
    assert [one for one in of_methods if not unread(with_mistake(made, one)) <= right] == []


@pytest.mark.parametrize("style", STYLES)
def test_every_part_of_a_script_of_a_style_may_have_mistakes(style: str) -> None:
    made = hunts(NORMALISED, style, *PARTS)
    assert {mistake.part for mistake in made.mistakes} == {*PARTS}
    in_training = {one.function for one in made.mistakes if one.kind.startswith("prediction in")}
    assert in_training == {"predict", *["BatchNorm.predict"] * (style == LAYERS)}


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_mistakes_add_to_lines_what_they_take_away(style: str) -> None:
    """Without balance, the largest of these is 0.29 in a flat script, and 0.24 in classes."""
    made = hunts(SMALL, style, *PARTS)
    changes = []
    for mistake in made.likely[0]:
        right = print_statement(made.functions[mistake.function][mistake.at].node)
        wrong = print_statement(mistake.node) if mistake.node is not None else ""
        is_one_for_another = wrong.count("\n") == right.count("\n") and wrong and not mistake.body
        changes.append((look(wrong) - look(right)) * bool(is_one_for_another))
    spread = np.maximum(np.std(changes, axis=0), 1e-9)
    assert np.abs(made.likely[1] @ changes / spread).max() < 0.08


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_mistakes_of_running_averages_fail_a_check(style: str) -> None:
    made = hunts(NORMALISED, style, FORWARD)
    known = [(one, made.wrong_results(with_mistake(made, one))) for one in made.mistakes]
    kept = [one for one, wrong in known if wrong == (TRAINING_PASS,)]
    assert {"old and new swapped", "left out", "sign", "wrong variable"} <= {m.kind for m in kept}
    model = made.reference.model
    for text, should in (
        (made.script.text(made.functions), []),
        *((with_mistake(made, one), [TRAINING_PASS]) for one in kept),
    ):
        results = check_script(Model(model.checked, replace(model.script, text=text)))
        assert [one.part for one in results if one.wrong] == should


@pytest.mark.slow
@pytest.mark.parametrize(
    ("style", "part"), [(LAYERS, EVALUATION), (LAYERS, FORWARD), (FLAT, FORWARD)]
)
def test_a_hunt_in_running_averages_is_graded(style: str, part: str) -> None:
    made = hunts(NORMALISED, style, part)
    wanted = (TRAINING_PASS,) if part == FORWARD else ("prediction", "evaluation")
    made.mistakes = [one for one in made.mistakes if made._wrong_by(one) == wanted]
    hunt = made.make("anna", 0, 1)
    assert hunt.mistakes[0].shows == wanted
    assert "at the end" in hunt.seen
    checked = analyse(Source("small.nn", NORMALISED), Diagnostics())
    reference = Reference(checked, with_large=True)
    points = dict.fromkeys(items(reference.expected(0)), 1.0)
    source = Source("small.nn", NORMALISED)
    judge = HuntGrader(Grader(reference, points=points), source, {}, [hunt], 60)
    got = [
        [item.points for item in judge.grade("anna", text).items]
        for text in (hunt.text, mended(hunt), mended(hunt).replace("N = len(x)", "N = x.shape[0]"))
    ]
    assert got == [[0, 0], [1, 1], [1, 1]]


def test_hunts_in_classes_in_the_letters_of_the_book(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, folder = tmp_path / "small.nn", tmp_path / "hunt"
    spec.write_text(SMALL)
    style = ["--style", "layers", "--names", "book"]
    assert main(["hunt", str(spec), *style, "-o", str(folder)]) == 0
    (hunt,) = json.loads((tmp_path / "hunt-key/hunts.json").read_text())
    assert "class Affine(Layer):" in (folder / "train.py").read_text()
    assert f"Look at `{hunt['mistakes'][0]['function']}`." in (folder / "hunt.md").read_text()
    (mistake,), script = hunt["mistakes"], folder / "train.py"
    script.write_text(script.read_text().replace(mistake["now"], mistake["was"]))
    capsys.readouterr()
    graded = ["--hunt", str(tmp_path / "hunt-key"), "--format", "csv"]
    assert main(["grade", str(spec), str(script), *graded]) == 1
    assert capsys.readouterr().out.splitlines()[1].startswith("train.py,1,2,0,1,")
