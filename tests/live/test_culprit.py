"""The place of a mistake: what follows from it, and what only looks like a gradient, is not it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import nndsl
from nndsl.live.gradients.report import Report
from nndsl.live.model import Model

TRAIN = "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1) }"


def report(layers: str, old: str, new: str, *, before: str = "", **options: str) -> Report:
    """Return the report on the script of a network, a part of which is replaced."""
    text = f"{before}\nnetwork {{ {layers} }}\n{options.pop('train', TRAIN)}"
    model = nndsl.load("net.nn", text=text, **options)  # type: ignore[arg-type]
    assert old in model.source
    text = model.source.replace(old, new, 1)
    return nndsl.check_gradients(Model(model.checked, replace(model.script, text=text)))


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["rnn", "gru", "lstm"])
def test_what_a_loop_computes_step_by_step_is_not_the_cause(layer: str) -> None:
    found = report(f"input(6); dense(6); reshape(3, 2); {layer}(3); dense(2)", "dZ1 = ", "dZ1 = -")
    assert found.culprit is not None
    assert found.culprit.variable == "dZ1"


@pytest.mark.slow
def test_what_is_laid_out_in_another_way_is_not_the_cause() -> None:
    layers = "input(4); dense(16); reshape(1, 4, 4); conv2d(2, 3, padding=same); flatten; dense(3)"
    found = report(layers, "dZ1 = ", "dZ1 = -")
    assert found.culprit is not None
    assert found.culprit.variable == "dZ1"


def test_all_lines_that_make_a_gradient_are_told() -> None:
    found = report("input(4); dense(3)", "dZ1 = np.exp(log_P)", "dZ1 = 1.01 * np.exp(log_P)")
    culprit = found.culprit
    assert culprit is not None
    assert culprit.variable == "dZ1"
    assert culprit.first_line is not None
    assert culprit.first_line < culprit.line
    assert f"\n  it is made from line {culprit.first_line} on\n" in str(found)


def test_a_helper_that_fails_is_told_by_the_statement_that_calls_it() -> None:
    """The line of the helper lies above all statements of the function, and the check crashed."""
    layers = "input(16); reshape(1, 4, 4); conv2d(2, 3, padding=same); flatten; dense(3)"
    head = "def im2col(x, size, stride):\n"
    found = report(layers, head, f"{head}    raise ValueError('none')\n")
    assert not found.passed
    assert "the script runs: no. none (at the start)" in str(found)
    assert found.culprit is not None
    assert "im2col(" in found.culprit.code


def test_a_method_that_fails_where_it_returns_is_told_by_that_line() -> None:
    new = "return dy * (self.x > 0)[:, :2]"
    found = report(
        "input(4); dense(4); relu; dense(3)", "return dy * (self.x > 0)", new, style="layers"
    )
    assert found.culprit is not None
    assert found.culprit.code == new


GATED = """layer gated {
  W = parameter(features, features)
  V = parameter(features, features)
  y = sigmoid(x @ V) * tanh(x @ W) + x
}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"), [("(1 - bent * bent)", "(1 + bent * bent)"), ("(1 - gate)", "(2 - gate)")]
)
def test_the_gradient_of_a_value_without_a_name_is_told_by_its_own_line(old: str, new: str) -> None:
    """It is not measured itself, but all that is made of it is wrong."""
    found = report("input(6); dense(5); gated; dense(3)", old, new, before=GATED)
    assert found.culprit is not None
    assert new in found.culprit.code


def test_what_is_wrong_itself_is_told_where_others_of_the_same_are_right() -> None:
    old, new = "dW = x.T @ dq", "dW = -x.T @ dq"
    found = report("input(6); dense(5); gated; dense(3)", old, new, before=GATED)
    assert found.culprit is not None
    assert found.culprit.code == new


def test_of_layers_with_a_penalty_the_line_of_the_layer_is_told() -> None:
    train = TRAIN.replace(" }", "; regularize = l2(0.01) }")
    layers, new = "input(6); dense(5); relu; dense(3)", "dW = 2 * self.x.T @ dy"
    found = report(layers, "dW = self.x.T @ dy", new, train=train, style="layers")
    culprit = found.culprit
    assert culprit is not None
    assert culprit.code == new
    assert "2 times" in culprit.mistake
