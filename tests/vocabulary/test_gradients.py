"""Every backward pass is the derivative of its forward pass, by the complex step.

The derivative of f at x is the imaginary part of f(x + ih) / h; without a difference, nothing
cancels, and h can be so small that the result is exact (Squire and Trapp 1998).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from complex_numpy import ComplexNumpy
from execution import (
    OUTPUTS,
    LayerRun,
    all_variants,
    away_from_zero,
    defined,
    fields,
    layer_cases,
    loss_names,
    name_case,
    run,
)

from nndsl.shapes import Shape
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.regularizer import Regularizer

H = 1e-30
TOLERANCE = 1e-10


def complex_step(f: Callable[[np.ndarray], complex], x: np.ndarray) -> np.ndarray:
    """Return the derivative of a real function with respect to each number of x."""
    slope = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1j * H
        slope[index] = np.imag(f(moved)) / H
    return slope


def assert_equal(analytic: np.ndarray, numeric: np.ndarray, name: str) -> None:
    assert analytic.shape == numeric.shape
    size = np.linalg.norm(analytic) + np.linalg.norm(numeric)
    assert size != 0, f"{name} is zero, and proves nothing"
    error = np.linalg.norm(analytic - numeric) / size
    assert error <= TOLERANCE, f"{name} is off by {error:.1e}: {analytic} instead of {numeric}"


@pytest.mark.slow
@pytest.mark.parametrize("case", layer_cases(), ids=name_case)
def test_layers(case: tuple[Layer, tuple[Shape, ...]]) -> None:
    made = LayerRun(*case)
    backward = made.backward()
    for name in made.trained:

        def total(value: np.ndarray, name: str = name) -> complex:
            given = {name: value, "dtype": np.complex128, "np": ComplexNumpy()}
            y = made.forward(**given)["y"]
            return complex((made.dy * y).sum())

        numeric = complex_step(total, made.arrays[name])
        if made.layer.only_predicts:
            assert not numeric.any()
            assert not backward[f"d{name}"].any()
        else:
            assert_equal(backward[f"d{name}"], numeric, f"d{name}")


@pytest.mark.parametrize(
    "case",
    [c for c in layer_cases() if c[0].optimized_forward or c[0].optimized_backward],
    ids=name_case,
)
def test_optimized_forms_are_equal(case: tuple[Layer, tuple[Shape, ...]]) -> None:
    made = LayerRun(*case)
    layer = made.layer
    forward = run(layer.optimized_forward or layer.forward, **made.names())
    found = run(layer.optimized_backward or layer.backward, **forward, dy=made.dy)
    expected = made.backward()
    for name in ("y", *(f"d{name}" for name in made.trained)):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("loss", all_variants("losses"), ids=name_case)
def test_losses(loss: Loss) -> None:
    names = loss_names(loss, scale=2.0)
    backward = run(loss.backward, **run(loss.forward, **names))
    given = names | defined(loss, np=ComplexNumpy()) | {"np": ComplexNumpy()}
    numeric = complex_step(lambda x: run(loss.forward, **given | {"x": x})["loss"], names["x"])
    assert_equal(backward["dx"], numeric, "dx")


@pytest.mark.parametrize("regularizer", all_variants("regularizers"), ids=name_case)
def test_regularizers(regularizer: Regularizer) -> None:
    rng = np.random.default_rng(0)
    w, other = away_from_zero(rng, (3, OUTPUTS)), away_from_zero(rng, (2, 3))
    given = fields(regularizer)
    complex_numpy = ComplexNumpy()
    numeric = complex_step(
        lambda w: run(regularizer.forward, **given, np=complex_numpy, weights=(w, other))[
            "penalty"
        ],
        w,
    )
    assert_equal(run(regularizer.backward, **given, w=w)["dw"], numeric, "dw")


@pytest.mark.parametrize("case", [c for c in layer_cases() if c[0].state], ids=name_case)
def test_states_are_observed_and_used(case: tuple[Layer, tuple[Shape, ...]]) -> None:
    made = LayerRun(*case)
    observed = made.update_running_stats()
    for name in made.layer.state:
        assert not np.array_equal(observed[name], made.arrays[name])
        used = made.forward if made.layer.carries else made.evaluate
        before = used()["y"]
        made.arrays[name] = observed[name]
        assert not np.array_equal(used()["y"], before)


@pytest.mark.parametrize("factor", [-1.0, 1 + 1e-8, np.nan])
def test_a_wrong_gradient_is_seen(factor: float) -> None:
    right = np.array([0.5, -2.0])
    assert_equal(right, right, "dx")
    with pytest.raises(AssertionError, match="dx is off"):
        assert_equal(factor * right, right, "dx")


def test_two_gradients_of_zero_prove_nothing() -> None:
    with pytest.raises(AssertionError, match="proves nothing"):
        assert_equal(np.zeros(2), np.zeros(2), "dx")
