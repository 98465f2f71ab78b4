"""The gradient check of an optimized script holds it to the plain one, and says where they part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import nndsl
from nndsl.live.gradients.equivalence import check_equivalence
from nndsl.live.gradients.executable import Executable, Point
from nndsl.live.gradients.points import trained_point
from nndsl.live.gradients.report import Property
from nndsl.live.model import Model
from nndsl.live.random_examples import draw_examples, draw_targets

TEXT = """
data = addition(digits=1, samples=50, validation=0.1)
network { embedding(4); lstm(5, output=all); batch_norm; relu; dense(12) }
train {
  loss = softmax_cross_entropy
  optimizer = adam(lr=0.01)
  regularize = l2(1e-3)
  batch = 16
}
"""


def planted(*edit: str) -> Property:
    model = nndsl.load("net.nn", text=TEXT, optimize=True)
    assert model.source.count(edit[0]) >= 1, f"{edit[0]} is not in\n{model.source}"
    script = replace(model.script, text=model.source.replace(edit[0], edit[1], 1))
    start = Point("", model.parameters, model.state, np.zeros(0))
    return check_equivalence(Model(model.checked, script), start)


@pytest.mark.slow
def test_the_report_says_what_was_compared() -> None:
    report = nndsl.check_gradients(nndsl.load("net.nn", text=TEXT, optimize=True))
    assert report.passed
    said = " ".join(str(report).split())
    assert (
        "the optimized program computes what the plain one does, over 6 steps of 16, 13, 1 "
        "examples: losses, gradients, states, parameters after each step, predictions and results"
    ) in said
    plain = nndsl.check_gradients(nndsl.load("net.nn", text=TEXT))
    assert "optimized" not in str(plain) + plain.to_json()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "where"),
    [
        (("1 / (N * T)", "1 / N * T"), "At step 1, of 16 examples, loss is … mean2 = mean_NxT @"),
        (("penalty = 0.5 *", "penalty = 0.4 *"), "penalty is … the first to differ: penalty ="),
        (("dW3 += scratch", "dW3 -= scratch"), "dW3[… line 2… is the first to differ: dW3 -="),
        (("_var2 += ", "_var2 -= "), "running_var2[… is the first to differ: running_var2 -="),
        (("v *= BETA2", "v *= BETA1"), "At step 2, of 13 examples, … after the update"),
        (("p -= ", "p += "), "At step 1, of 16 examples, W1[… after the update"),
        (("return Z3.reshape(", "return 1.01 * Z3.reshape("), "predict[ … is "),
        (("float(accuracy)", "1 - float(accuracy)"), "evaluate[1] is "),
        (
            ("zero_H = aligned((N * T, H)", "zero_H = aligned((48 if N > 4 else 3 * N, H)"),
            "At step 2, of 13 examples, it fails",
        ),
    ],
)
def test_where_they_part_is_named(edit: tuple[str, str], where: str) -> None:
    found = planted(*edit)
    assert not found.passed
    at = 0
    for part in where.split("…"):
        assert part.strip() in found.detail[at:], found.detail
        at = found.detail.index(part.strip(), at) + len(part.strip())


def test_an_optimized_script_is_checked_after_steps_that_it_took() -> None:
    points = []
    for optimize in (False, True):
        model = nndsl.load("net.nn", text=TEXT, optimize=optimize, dtype="float64")
        rng = np.random.default_rng(0)
        values = {**model.parameters, "X": draw_examples(model, 5, rng)}
        start = Point("", values, model.state, draw_targets(model, 5, rng))
        points.append(trained_point(Executable(model.source, "net.py"), start, 5))
    plain, optimized = points
    for name, value in plain.values.items():
        assert name == "X" or not np.allclose(value, values[name], rtol=1e-6)
        np.testing.assert_allclose(optimized.values[name], value, rtol=1e-6, atol=1e-9)


def test_what_is_left_of_equal_numbers_is_no_fault() -> None:
    text = """
network { input(3); dense(1); softmax; batch_norm; dense(2) }
train { loss = huber; optimizer = sgd; batch = 6 }
"""
    model = nndsl.load("net.nn", text=text, optimize=True)
    held = check_equivalence(model, Point("", model.parameters, model.state, np.zeros(0)))
    assert held.passed, held.detail
