"""Mistakes planted in backward passes and optimizers, and the exercise that is made of them."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from benches import bench
from update_mutants import update_mutants

import nndsl
from nndsl.cli import main
from nndsl.course.hunts.hunts import Hunts
from nndsl.live.judging.reference import Reference
from nndsl.live.model import Model
from nndsl.program.parts import BACKWARD
from nndsl.vocabulary import registry

ROOT = Path(__file__).parents[2]
SPEC = """\
network { input(4); dense(5); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam; regularize = l2(0.1) }
"""
KINDS = {
    "dropped factor",
    "dropped term",
    "factor 1 + 1e-4",
    "missing 1/N",
    "missing mask",
    "one entry off by 1%",
    "sign",
    "transpose",
    "wrong axis",
    "wrong variable",
}
# Without a backward pass of their own, or with weights of another training.
NO_MUTANTS = ("flatten", "input", "pretrained", "repeat")


def test_every_word_is_mutated() -> None:
    texts = "\n".join(bench("mutants").specs())
    for role in ("layers", "losses", "regularizers"):
        for name in registry.names(role):
            word = registry.find(role, name)
            if getattr(word, "only_predicts", None) or name in NO_MUTANTS:
                continue
            assert name in texts, f"{name} stands in no spec of bench/mutants.py"


@pytest.mark.slow
def test_hinges_that_cancel_are_no_false_alarm() -> None:
    """On one side nothing is left of the gradients of a bias, on the other 1e-17."""
    bodies = [
        "dense(5, bias=false); dense(12); reshape(3, 2, 2); batch_norm; tanh; flatten",
        "dense(5); dense(16); reshape(2, 2, 4); conv2d(4, 2, groups=2, bias=false); flatten",
        "dense(5); dense(12); reshape(3, 4); transpose; flatten",
        "dense(5); dense(12); reshape(3, 4); as_positions; tanh; pool_positions",
        "dense(5); dense(12); reshape(3, 4); pool_positions(by=max)",
    ]
    branches = "\n".join(f"branch {{ {body} }}" for body in bodies)
    text = (
        f"network {{ input(4)\nconcat {{ {branches} }}\ndense(3) }}\n"
        "train { loss = multiclass_hinge; optimizer = sgd(lr=0.1); regularize = l2(0.1) }\n"
    )
    module = bench("mutants")
    with module.one_thread(), module.strict():
        jury = module.Jury(nndsl.load("mutants.nn", text=text))
        right = module.Mutant("none", 0, "", "", jury.builds.parsed.text)
        assert not jury.judge(right).caught["nndsl"]


@pytest.mark.slow
def test_every_mutant_of_a_backward_pass_is_caught() -> None:
    module = bench("mutants")
    judged = [trial for trial in module.trials() if not module.is_equivalent(trial.mutant)]
    assert {trial.mutant.kind for trial in judged} == KINDS
    assert len(judged) > 3000
    print(module.table(judged))
    assert [trial.mutant.answer for trial in judged if not trial.caught["nndsl"]] == []
    rates = {tool: sum(trial.caught[tool] for trial in judged) for tool in module.TOOLS}
    assert rates["nndsl"] > rates["torch"] > rates["CS231n"]


@pytest.mark.slow
def test_the_report_is_right_about_mutants() -> None:
    module = bench("mutants")
    made = module.diagnoses(per_kind=20)
    print(module.table_of(made))
    named = [diagnosis for diagnosis in made if diagnosis.mistake]
    assert {diagnosis.mutant.kind for diagnosis in made} == KINDS
    assert sum(diagnosis.is_there for diagnosis in made) >= 0.99 * len(made)
    assert sum(diagnosis.is_right for diagnosis in named) >= 0.9 * len(named)
    assert len(named) >= 0.65 * len(made)


@pytest.mark.slow
def test_the_mutants_of_an_optimizer() -> None:
    mutants = list(update_mutants(nndsl.build("net.nn", text=SPEC)))
    assert {"sign", "dropped term", "factor 1 + 1e-4", "epsilon left out"} <= {
        mutant.kind for mutant in mutants
    }
    for mutant in mutants:
        ast.parse(mutant.text)
        assert mutant.text != nndsl.build("net.nn", text=SPEC)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_the_exercise_can_be_solved(seed: int) -> None:
    reference = Reference(nndsl.load("net.nn", text=SPEC).checked)
    hunts = Hunts(reference, (BACKWARD,))
    hunt = hunts.make("", seed, 1, rewritten=0, is_trained=False)
    assert hunt == hunts.make("", seed, 1, rewritten=0, is_trained=False)
    (mistake,) = hunt.mistakes
    model = reference.model
    wrong = Model(model.checked, replace(model.script, text=hunt.text))
    report = nndsl.check_gradients(wrong)
    assert not report.passed
    assert report.culprit is not None
    first = report.culprit.first_line or report.culprit.line
    assert first - 3 <= mistake.first <= report.culprit.line + 3


@pytest.mark.slow
def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec, script = tmp_path / "net.nn", tmp_path / "buggy.py"
    spec.write_text(SPEC, "utf-8")
    assert main(["mutate", str(spec), "--seed", "3", "-o", str(script)]) == 0
    answer = (tmp_path / "buggy.answer.txt").read_text("utf-8")
    number = int(answer.split()[1].rstrip(":"))
    is_now = answer.split("\n")[1].removeprefix("  is").strip()
    line = script.read_text("utf-8").split("\n")[number - 1].strip()
    assert line.startswith(is_now)
    assert "answer" not in script.read_text("utf-8")
    capsys.readouterr()
    assert main(["mutate", str(spec), "--seed", "3", "-o", "-"]) == 0
    printed = capsys.readouterr()
    assert printed.out.split("\n")[number - 1].strip().startswith(is_now)
    assert printed.err == answer
