"""What layers do to a number, derived from their forward pass: values, slopes, moments."""

from __future__ import annotations

import math
import textwrap

import numpy as np
import pytest

from nndsl.data import Signal
from nndsl.shapes import SequenceShape
from nndsl.vocabulary import registry
from nndsl.vocabulary.layer import Layer


@pytest.mark.parametrize("word", registry.names(Layer.kind))
def test_slopes_that_are_derived_are_those_of_the_backward_pass(word: str) -> None:
    """Where a layer treats every number alone, its values and slopes are what its texts compute."""
    found = registry.find(Layer.kind, word)
    assert found is not None
    assert issubclass(found, Layer)
    if any(field.is_required() for field in found.model_fields.values()):
        return
    layer = found()
    if not layer.is_elementwise:
        return
    xs = np.linspace(-4, 4, 50)
    names = {"np": np, "math": math, "x": xs, "dy": np.ones_like(xs), "dtype": float, "N": len(xs)}
    names |= {field: getattr(layer, field) for field in found.model_fields}
    names |= layer.numbers(SequenceShape((1, 1))) if layer.sees_positions else {}
    exec(layer.definitions, names)
    exec(textwrap.dedent(layer.forward), names)
    exec(textwrap.dedent(layer.backward), names)
    points = layer.scalar_fn(xs.tolist())
    assert points is not None
    values, slopes = points
    np.testing.assert_allclose(values, names["y"].ravel(), atol=1e-12)
    np.testing.assert_allclose(slopes, names["dx"].ravel(), atol=1e-12)


def test_every_activation_but_softmax_treats_each_number_alone() -> None:
    found = [registry.find(Layer.kind, word) for word in registry.names(Layer.kind)]
    layers = [layer for layer in found if layer and issubclass(layer, Layer)]
    activations = [layer() for layer in layers if layer.nonlinear]
    apart = {layer.keyword() for layer in activations if not layer.is_elementwise}
    assert (len(activations) >= 10, apart) == (True, {"softmax"})


@pytest.mark.parametrize(
    ("word", "slope"),
    [("sigmoid", 0.25), ("silu", 0.5), ("gelu", 0.5), ("softplus", 0.5), ("relu", 0), ("elu", 1)],
)
def test_the_slope_at_0_is_that_of_the_whole_and_not_of_its_kinks(word: str, slope: float) -> None:
    """Their texts hold minima of x and -x, and of 0 and x, which have a kink at 0."""
    layer = registry.find(Layer.kind, word)
    assert layer is not None
    assert issubclass(layer, Layer)
    points = layer().scalar_fn([0.0])
    assert points is not None
    assert points[1] == pytest.approx([slope])
    assert layer().is_dead_at(0.0) == (word == "relu")


def test_the_quadrature_knows_the_closed_forms() -> None:
    """Of relu: mean std / sqrt(2 pi), mean square variance / 2, mean squared slope 1/2."""
    relu = registry.find(Layer.kind, "relu")
    assert relu is not None
    propagated = relu().propagate_moments([Signal(0, 9)], {})
    assert propagated.output.mean == pytest.approx(3 / np.sqrt(2 * np.pi), rel=1e-3)
    assert propagated.output.power == pytest.approx(9 / 2, rel=1e-3)
    assert propagated.gain == pytest.approx(0.5, rel=1e-6)
