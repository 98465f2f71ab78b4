"""The place of a mistake: what follows from it, and what only looks like a gradient, is not it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import nndsl
from nndsl.live.gradients.report import Report
from nndsl.live.model import Model

TRAIN = "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1) }"


def report(layers: str, old: str, new: str) -> Report:
    """Return the report on the script of a network, a part of which is replaced."""
    model = nndsl.load("net.nn", text=f"network {{ {layers} }}\n{TRAIN}")
    assert old in model.source
    text = model.source.replace(old, new, 1)
    return nndsl.check_gradients(Model(model.checked, replace(model.script, text=text)))


@pytest.mark.parametrize("layer", ["rnn", "gru", "lstm"])
def test_what_a_loop_computes_step_by_step_is_not_the_cause(layer: str) -> None:
    found = report(f"input(6); dense(6); reshape(3, 2); {layer}(3); dense(2)", "dZ1 = ", "dZ1 = -")
    assert found.culprit is not None
    assert found.culprit.variable == "dZ1"


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
