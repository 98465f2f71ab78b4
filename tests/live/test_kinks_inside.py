"""Where a value inside the network stands at a kink, its gradient is neither right nor wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import nndsl
from nndsl.live.gradients.check import check_gradients
from nndsl.live.model import Model


@pytest.mark.slow
def test_units_that_are_off_and_compared_are_no_mistake() -> None:
    """Where all of a window are 0, no gradient of its numbers alone is right or wrong."""
    text = (
        "network { input(1, 6, 6); conv2d(2, 3); relu; max_pool(2); flatten; dense(3) }\n"
        "train { loss = softmax_cross_entropy; optimizer = adam }\n"
    )
    model = nndsl.load("net.nn", text=text)
    report = check_gradients(model)
    assert report.passed
    assert report.culprit is None
    (at,) = {row.line for row in report.rows if row.name == "W2"}
    wrong = model.source.replace("dW2 = ", "dW2 = 2 * ")
    report = check_gradients(Model(model.checked, replace(model.script, text=wrong)))
    assert report.culprit is not None
    assert (report.culprit.variable, report.culprit.line) == ("dW2", at)
    wrong = model.source.replace("dW = ", "dW = 2 * ")
    report = check_gradients(Model(model.checked, replace(model.script, text=wrong)))
    assert report.culprit is not None
    assert report.culprit.variable == "dW"


@pytest.mark.slow
def test_equal_numbers_of_real_images_are_no_false_alarm() -> None:
    """A window of a real image holds its largest number several times."""
    text = (
        "data = digits(images=true)\n"
        "network { max_pool(2); max_pool(2, stride=1); flatten; dense(10) }\n"
        "train { loss = softmax_cross_entropy; optimizer = adam }\n"
    )
    model = nndsl.load("net.nn", text=text)
    X, t = model.data()["training"]
    report = check_gradients(model, X[:6], t[:6])
    assert report.passed, str(report)
    assert [row.name for row in report.rows] == ["W1", "b1", "X"]


@pytest.mark.slow
def test_padding_that_is_never_the_largest_is_no_false_alarm() -> None:
    """It is minus infinity, beside zeros that are equal."""
    text = (
        "network { input(1, 5, 5); conv2d(2, 2); relu; max_pool(3, 2, padding=1); flatten;"
        " dense(3) }\n"
        "train { loss = softmax_cross_entropy; optimizer = adam }\n"
    )
    report = check_gradients(nndsl.load("net.nn", text=text))
    assert report.passed, str(report)


@pytest.mark.slow
def test_a_decision_that_changes_nothing_is_no_kink() -> None:
    """The largest score of attention is taken off all of them: it does not matter which it is."""
    text = (
        "network {\n  input(3, 7); rnn(2, output=all); dense(5)\n"
        "  repeat(4) { sigmoid; self_attention(heads=5) }\n  dense(3)\n}\n"
        "train { loss = softmax_cross_entropy; optimizer = adam }\n"
    )
    report = check_gradients(nndsl.load("net.nn", text=text))
    assert report.passed, str(report)
    assert {row.kinks for row in report.rows} == {0}


@pytest.mark.slow
def test_what_is_left_of_gradients_that_cancel_is_no_mistake() -> None:
    """A zero on one side and 1e-18 on the other are the same."""
    text = (
        "network { input(4); dense(1, bias=false); dense(3) }\n"
        "train { loss = mean_absolute_error; optimizer = sgd }\n"
    )
    for seed in range(4):
        report = check_gradients(nndsl.load("net.nn", text=text), examples=2, seed=seed)
        assert report.passed, str(report)


@pytest.mark.slow
@pytest.mark.parametrize("margin", [15, 30, 40])
def test_a_softmax_that_is_sure_is_no_mistake(margin: float) -> None:
    """Of P - 1 few digits are left, or none: that is rounding, though float32 does not show it."""
    heads = ["dense(3)", "dense(3); softmax; dense(2)"]
    losses = ["softmax_cross_entropy", "mean_squared_error"]
    targets = [np.arange(3), np.ones((3, 2))]
    X = np.diag([1.0, 1.01, 1.02])
    for head, loss, t in zip(heads, losses, targets, strict=True):
        text = f"network {{ input(3); {head} }}\ntrain {{ loss = {loss}; optimizer = adam }}\n"
        model = nndsl.load("net.nn", text=text)
        model.parameters["W1"][...] = margin * np.eye(3)
        report = check_gradients(model, X, t)
        assert report.passed, str(report)
        wrong = model.source.replace("dW1 = ", "dW1 = 2 * ")
        wrong_model = Model(model.checked, replace(model.script, text=wrong))
        wrong_model.parameters["W1"][...] = margin * np.eye(3)
        assert check_gradients(wrong_model, X, t).passed == (margin == 40)  # nothing is left


@pytest.mark.parametrize(
    "mean", ["mean(x)", pytest.param("mean(x, axis=positions)", marks=pytest.mark.slow)]
)
def test_a_number_less_its_equal_is_at_a_kink(mean: str) -> None:
    """What rounding leaves of it decides nothing: either side of the kink is right."""
    flatten = "; flatten" * ("axis" not in mean)
    text = (
        f"layer centred {{ y = maximum(0, x - {mean}) }}\n"
        f"network {{ input(5); dense(1); repeat_vector(3){flatten}; centred; flatten; dense(3) }}\n"
        "train { loss = softmax_cross_entropy; optimizer = adam }\n"
    )
    report = check_gradients(nndsl.load("net.nn", text=text))
    assert report.passed, str(report)
