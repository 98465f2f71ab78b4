"""Layers of the page that look along the positions of an example."""

from __future__ import annotations

import numpy as np
import pytest
from execution import LayerRun
from own_layer_pages import checked, complex_step, own_layer

from nndsl.shapes import SequenceShape, Shape

PAGE = """
layer shifted {
  W = parameter(features, 5)
  V = parameter(features, 5)
  y = tanh(x @ W + previous(x) @ V)
}
layer centred { y = x - mean(x, axis=positions) + mean(x) }
layer averaged { y = mean(x, axis=positions) }
layer largest { y = max(previous(x), axis=positions) * x }
"""
SHAPES: list[Shape] = [(4, 6), SequenceShape((4, 6))]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["shifted", "centred", "averaged", "largest"])
def test_gradients(name: str, shape: Shape) -> None:
    layer = own_layer(PAGE, name, (4, 6)).for_shapes(shape)
    made = LayerRun(layer, (shape,))
    found = made.backward()
    for trained in made.trained:
        slope = complex_step(made, trained)
        assert found[f"d{trained}"].shape == slope.shape
        np.testing.assert_allclose(found[f"d{trained}"], slope, atol=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_they_compute(shape: Shape) -> None:
    for name in ("shifted", "averaged"):
        made = LayerRun(own_layer(PAGE, name, (4, 6)).for_shapes(shape), (shape,))
        x = made.arrays["x"].reshape(-1, 4, 6)
        if name == "averaged":
            expected = x.mean(axis=1)
        else:
            before = np.concatenate([np.zeros((len(x), 1, 6)), x[:, :-1]], axis=1)
            expected = np.tanh(x @ made.arrays["W"] + before @ made.arrays["V"])
        y = made.forward()["y"]
        assert y.shape == made.output_shape
        np.testing.assert_allclose(y.reshape(expected.shape), expected)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("y = x + previous(mean(x, axis=positions))", "`previous` takes a row for each position"),
        ("y = mean(x, axis=places)", "`mean` takes one number by position"),
    ],
)
def test_what_is_refused(line: str, message: str) -> None:
    _, said = checked(f"layer own {{ {line} }}", "own", (4, 6))
    assert message in [one.message for one in said]


def test_an_example_without_positions_is_refused() -> None:
    _, said = checked(PAGE, "shifted", (6,))
    assert "takes a row of features for each position" in said[-1].message
