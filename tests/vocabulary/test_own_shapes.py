"""Formulas that change shapes: `transpose`, `reshape`, `concat` and `pick` in a layer of a page."""

from __future__ import annotations

import numpy as np
import pytest
from execution import LayerRun
from own_layer_pages import checked, complex_step, own_layer

import nndsl

FORMULAS = {
    "W = parameter(features, 4, xavier); y = tanh(x @ W) @ transpose(W)": lambda x, W: (
        np.tanh(x @ W) @ W.T
    ),
    "W = parameter(features / 2, 4, xavier); y = reshape(x, 2, features / 2) @ W": lambda x, W: (
        x.reshape(-1, 2, 3) @ W
    ),
    "W = parameter(12, ones); y = x @ reshape(W, features, 2)": lambda x, W: x @ W.reshape(6, 2),
    "y = concat(x * pick(x, 0), pick(x, 2))": lambda x: np.hstack([x * x[:, :1], x[:, 2:3]]),
    "y = reshape(reshape(x, 3, 2), 6) * 2": lambda x: 2 * x,
}


@pytest.mark.parametrize("formulas", FORMULAS)
def test_values_and_slopes(formulas: str) -> None:
    made = LayerRun(own_layer(f"layer mine {{ {formulas} }}", "mine", (6,)), ((6,),))
    names = ["x", *made.layer.parameters((6,))]
    wanted = FORMULAS[formulas](*(made.arrays[name] for name in names))
    np.testing.assert_allclose(made.forward()["y"], wanted, rtol=1e-12)
    backward = made.backward()
    for name in names:
        slope = complex_step(made, name)
        np.testing.assert_allclose(backward[f"d{name}"], slope, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("y = transpose(x)", "`transpose` takes a parameter of two lengths"),
        ("y = reshape(x, 4, 2)", "6 numbers do not fit into 4 x 2"),
        ("y = reshape(x, 6 / 4, 4)", "a length is a whole number from 1"),
        ("y = reshape(x, x, 2)", "a length is a whole number from 1"),
        ("y = x * pick(x, 6)", "there is no place `6` among 6 numbers"),
        ("y = x * pick(sum(x) * 2, 3)", "there is no place `3` among 1 numbers"),
        ("y = x * pick(x, x)", "there is no place `x`"),
    ],
)
def test_what_does_not_fit_is_said(formula: str, said: str) -> None:
    _, found = checked(f"layer mine {{ {formula} }}", "mine", (6,))
    assert said in found[0].message
    assert found[0].span.line == 1


@pytest.mark.slow
def test_formulas_that_are_long_together_are_refused() -> None:
    lines = "; ".join(f"a{n} = a{n - 1}" + " * (x + 1)" * 12 for n in range(1, 92))
    text = f"layer mine {{ a0 = x; {lines}; y = a91 }}\nnetwork {{ input(4); dense(3); mine }}\n"
    found = nndsl.check("page", text=text)
    assert [(one.code, one.message) for one in found] == [
        ("NN213", "the formulas of a layer have more than 1_000 parts")
    ]


@pytest.mark.slow
def test_what_is_joined_comes_apart_by_a_length_with_a_name() -> None:
    """`WIDTH` was a name without a length to the pass that is derived."""
    text = """
let width = 3
layer both_signs {
  W = parameter(2 * features, features)
  c = x - mean(x)
  y = concat(tanh(c), x) @ W
}
network { input(4); dense(width); both_signs; dense(2) }
train { loss = mean_squared_error; optimizer = sgd }
"""
    model = nndsl.load("page", text=text)
    assert "du[:, 0:WIDTH]" in model.source
    assert nndsl.check_gradients(model).passed
