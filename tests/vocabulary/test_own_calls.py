"""Layers of the page that stand in formulas of others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from execution import LayerRun
from own_layer_pages import checked, complex_step, own_layer

import nndsl
from nndsl.ir.adjoint import derive

SWISH = """
layer swish(beta=1) {
  gate = sigmoid(beta * x)
  y    = x * gate
}

layer affine(units, init=he) {
  W = parameter(features, units, init)
  b = parameter(units)
  y = x @ W + b
}

layer square {
  y = x * x
}
"""


def test_its_formulas_stand_in_the_place_of_the_call() -> None:
    body = (
        "layer both {\n  h = affine(x, 7)\n  y = affine(swish(h, beta=2), 5) + square(mean(x))\n}"
    )
    layer = own_layer(SWISH + body, "both", (6,))
    shapes = {name: p.shape for name, p in layer.parameters((6,)).items()}
    assert shapes == {"W": (6, 7), "b": (7,), "W_2": (7, 5), "b_2": (5,)}
    made = LayerRun(layer, ((6,),))
    names = made.arrays
    h = names["x"] @ names["W"] + names["b"]
    mean = names["x"].mean(axis=1, keepdims=True)
    expected = (h / (1 + np.exp(-2 * h))) @ names["W_2"] + names["b_2"] + mean**2
    np.testing.assert_allclose(made.forward()["y"], expected)
    found = made.backward()
    for name in made.trained:
        np.testing.assert_allclose(found[f"d{name}"], complex_step(made, name), atol=1e-10)


def test_one_formula_of_a_name_needs_no_line_of_its_own() -> None:
    layer = own_layer(SWISH + "layer two {\n  y = square(x) + x\n}", "two", (6,))
    assert layer.equation == "y = x * x + x"


def test_a_loss_and_a_metric_call_layers() -> None:
    text = f"""{SWISH}
loss far {{ loss = square(x - t) }}
metric far_error {{ error = square(x - t) }}
network {{ input(6); dense(3) }}
train {{ loss = far; optimizer = adam; metrics = [far_error] }}
"""
    model = nndsl.load("page.nn", text=text)
    X, t = np.ones((4, 6), np.float32), np.zeros((4, 3), np.float32)
    loss, _ = model.namespace["loss_and_gradients"](X, t)
    assert loss == pytest.approx((model.predict(X) ** 2).mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("formulas", "code", "message"),
    [
        ("y = later(x)", "NN201", "layer `later` has no meaning yet"),
        ("y = caller(x)", "NN201", "layer `caller` has no meaning yet"),
        ("y = swish(beta=2)", "NN205", "`swish` takes a value first"),
        ("y = drop(x)", "NN208", "`drop` predicts otherwise than it trains"),
        ("y = hand(x)", "NN208", "`hand` says its own backward pass"),
        ("y = swish(x, gamma=2)", "NN202", "`swish` has no argument `gamma`"),
        ("y = affine(transpose(x), 3)", "NN301", "`transpose` takes a parameter"),
    ],
)
def test_what_cannot_be_called(formulas: str, code: str, message: str) -> None:
    page = f"""{SWISH}
layer drop {{
  y = 2 * x
  evaluate {{ y = x }}
}}
layer hand {{
  y = 2 * x
  backward {{ dx = 2 * dy }}
}}
layer caller {{
  {formulas}
}}
layer later {{ y = x }}
"""
    _, said = checked(page, "caller", (6,))
    errors = [one for one in said if one.code[2] != "4"]
    assert [(one.code, one.message[: len(message)]) for one in errors] == [(code, message)]


def test_a_layer_is_derived_once_for_all_places_of_one_shape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    derived = []

    def derive_and_count(*given: Any) -> Any:
        derived.append(given)
        return derive(*given)

    monkeypatch.setattr("nndsl.vocabulary.own_layer.derive", derive_and_count)
    page = """let a = 6
let b = 6
layer plus(units) {{ W = parameter(features, units); y = tanh(x @ W) }}
network {{ input(6); {}; dense(2) }}
train {{ loss = softmax_cross_entropy; optimizer = adam }}
"""
    nndsl.build("page.nn", text=page.format("repeat(4) { plus(6) }"))
    assert len(derived) == 1
    derived.clear()
    script = nndsl.build("page.nn", text=page.format("plus(a); plus(b); plus(b); plus(7)"))
    assert len(derived) == 4  # a length of another name is another
    assert ["(A, B)" in script, "(B, B)" in script] == [True, True]
