"""Gradients and mistakes of what stands once in a script and is called several times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benches import bench

import nndsl
from nndsl.course.hunts.hunts import Hunts
from nndsl.live.gradients.builds import Builds, gradients_of
from nndsl.live.gradients.check import check_gradients
from nndsl.live.gradients.executable import Executable
from nndsl.live.gradients.mutants import Mutant
from nndsl.live.gradients.parsed_script import ParsedScript
from nndsl.live.gradients.points import initial_point
from nndsl.live.judging.reference import Reference
from nndsl.live.model import Model, ModelError
from nndsl.live.trace import trace
from nndsl.program.parts import BACKWARD

SPEC = """\
block unit {
  residual { batch_norm; dense(4); tanh; dropout(0.3); dense(4); layer_norm; gelu; dense(4) }
}
network { input(4); dense(4); repeat(3) { unit }; dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam; regularize = l2(0.1) }
"""


@pytest.fixture(scope="module")
def model() -> Model:
    model = nndsl.load("net.nn", text=SPEC)
    assert model.script.blocks[-3:] == ("unit", "unit_backward", "unit_predict")
    return model


def lines_of(model: Model, function: str) -> range:
    lines = model.source.split("\n")
    first = next(n for n, line in enumerate(lines, 1) if line.startswith(f"def {function}("))
    return range(first, next(n for n in range(first, len(lines)) if not lines[n]) + 1)


def mutants_of(model: Model) -> list[Mutant]:
    """Return the mistakes in the function of the way back."""
    parsed = ParsedScript(model.source, model.script.blocks)
    there = lines_of(model, "unit_backward")
    mutants = bench("mutants").backward_mutants(parsed, model.parameters)
    return [m for m in mutants if m.line in there]


def mutated(model: Model, mutant: Mutant) -> Model:
    return Model(model.checked, replace(model.script, text=mutant.text))


@pytest.mark.slow
def test_every_gradient_is_right(model: Model) -> None:
    report = check_gradients(model)
    assert report.passed, report
    rows = {row.name: row for row in report.rows}
    assert set(rows) == {*model.parameters, "X"}
    assert model.parameters["W2"].shape == (3, 4, 4)
    assert rows["W2"].line in lines_of(model, "unit_backward")


def test_a_loop_whose_caches_are_kept_in_another_way_is_told(model: Model) -> None:
    text = model.source.replace("caches.append(", "if i >= 0: caches.append(")
    with pytest.raises(ModelError, match="it is not clear what a list holds"):
        check_gradients(Model(model.checked, replace(model.script, text=text)))


@pytest.mark.slow
def test_what_is_written_out_computes_what_the_script_does(model: Model) -> None:
    builds = Builds(model)
    assert builds.data_loss is not None, "the text is that of the spec"
    point, _ = initial_point(model, builds.decided, None, None, None, 0)
    everything = Executable(builds.parsed.with_locals(), builds.path)(point)
    found = gradients_of(builds.script, point)
    assert found is not None
    for name, variable in builds.parsed.gradients.items():
        assert np.array_equal(everything[variable], found[name])
    written = [(s.function, name) for s in builds.parsed.steps for name in s.written.writes]
    assert written.count(("layer_norm", "x_hat")) == 3  # of each call one
    assert written.count(("layer_norm_backward", "dx_hat")) == 3


@pytest.mark.slow
def test_every_mistake_in_a_block_is_found_where_it_is(model: Model) -> None:
    mutants = mutants_of(model)
    assert len(mutants) > 60
    for mutant in mutants[::5]:
        report = check_gradients(mutated(model, mutant))
        assert not report.passed, mutant.answer
        assert report.culprit is not None, mutant.answer
        last = mutant.line + mutant.now.count("\n")
        if report.rows:  # else it fails later, where its shape does not fit
            assert mutant.line <= report.culprit.line <= last, f"{mutant.answer}{report.culprit}"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sign", "wrong axis"])
def test_a_mistake_in_a_block_is_found_where_it_is(model: Model, kind: str) -> None:
    mutant = next(m for m in mutants_of(model) if m.kind == kind)
    report = check_gradients(mutated(model, mutant))
    assert not report.passed
    assert report.culprit is not None
    assert report.culprit.line == mutant.line
    assert report.culprit.variable in mutant.now
    assert report.culprit.layer_line == 2


@pytest.mark.slow
def test_a_block_that_fails(model: Model) -> None:
    wrong = model.source.replace("dLN3 = ", "dLN3 = np.zeros((2, 3)) @ ")
    report = check_gradients(Model(model.checked, replace(model.script, text=wrong)))
    assert not report.passed
    assert report.culprit is not None
    assert report.culprit.line in lines_of(model, "unit_backward")
    assert report.culprit.variable == "dLN3"


@pytest.mark.slow
def test_an_exercise_may_lie_in_a_block(model: Model) -> None:
    there = lines_of(model, "unit_backward")
    hunts = Hunts(Reference(model.checked), (BACKWARD,))
    made = [hunts.make("", n, 1, rewritten=0, is_trained=False) for n in range(8)]
    assert any(mistake.first in there for hunt in made for mistake in hunt.mistakes)


def test_a_trace_goes_through_the_blocks(model: Model) -> None:
    rng = np.random.default_rng(0)
    rows = trace(model, rng.standard_normal((5, 4)), rng.integers(0, 3, 5))
    for name, function in (("x_hat", "layer_norm"), ("dx_hat", "layer_norm_backward")):
        found = [row for row in rows if row.name == name and row.call.startswith(f"{function},")]
        assert len(found) == 3
        assert len({row.mean for row in found}) == 3
        assert [row.call for row in found] == [f"{function}, call {n}" for n in (1, 2, 3)]
        assert {row.line for row in found} == {found[0].line}
        assert found[0].line in lines_of(model, function)
    names = [row.name for row in rows]
    assert names.index("R4") < names.index("loss") < names.index("dx_hat")


@pytest.mark.slow
def test_a_block_that_computes_in_its_return_is_right(model: Model) -> None:
    """It was taken for a name, and the check failed."""
    text = model.source.replace("return R4, (", "return 1.0 * R4, (")
    assert text != model.source
    report = check_gradients(Model(model.checked, replace(model.script, text=text)))
    assert report.passed, report
    assert {row.status for row in report.rows} <= {"ok", "zero"}


def test_a_cache_that_is_read_in_another_way_is_a_sentence(model: Model) -> None:
    before, unpacked, after = model.source.rpartition(" = cache\n")
    text = f"{before}{unpacked}    again = cache[1]\n{after}"
    assert text != model.source
    with pytest.raises(ModelError, match="`unit_backward` has to begin with"):
        check_gradients(Model(model.checked, replace(model.script, text=text)))


@pytest.mark.slow
def test_a_name_is_of_a_value_where_its_function_says_so() -> None:
    text = """
layer wave {
  LN = sin(x)
  y = LN * x + LN
}
block first { dense(6); tanh; dense(6); relu; dense(6); layer_norm }
block second { dense(6); tanh; dense(6); wave; dense(6); tanh; dense(6) }
network { input(6); dense(6); first; first; first; relu; second; second; second; relu; dense(3) }
train { loss = huber; optimizer = sgd }
"""
    model = nndsl.load("net.nn", text=text)
    assert "    LN, cache_LN = layer_norm(Z3, " in model.source
    assert "    LN = np.sin(Z2)" in model.source
    builds = Builds(model)
    assert builds.steps.is_gradient_of_value("first_backward", "dLN")
    assert not builds.steps.is_gradient_of_value("second_backward", "dLN")
    assert builds.steps.is_gradient_of_value("second_backward", "dA2")
