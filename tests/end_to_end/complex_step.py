"""Gradients by the complex step: f'(x) = Im f(x + i h) / h, exact to the last digits for tiny h.

An oracle of its own, beside the gradient check of the package: it runs the script's text with its
numbers made complex.
"""

from __future__ import annotations

import numpy as np
from complex_numpy import ComplexNumpy

from nndsl.live.execute import execute
from nndsl.live.model import Model

TINY = 1e-30


def largest_error(model: Model, X: np.ndarray, t: np.ndarray) -> float:
    """Return how far any gradient of a float64 model is off, relative to the largest of its array.

    Parameters are moved at random first: at their first values, much is zero by accident.
    """
    rng = np.random.default_rng(0)
    for array in model.parameters.values():
        array += 0.3 * rng.normal(size=array.shape)
    names = execute(model.source.replace("np.float64", "np.complex128"), "complex.py")
    names["np"] = ComplexNumpy()
    parameters = {name: array.astype(complex) for name, array in model.parameters.items()}
    states = {name: array.astype(complex) for name, array in model.state.items()}

    def slope(name: str, at: tuple[int, ...]) -> float:
        names["params"].update({other: array.copy() for other, array in parameters.items()})
        if states:
            names["state"].update({other: array.copy() for other, array in states.items()})
        names["noise_rng"] = np.random.default_rng(1)
        names["params"][name][at] += 1j * TINY
        *losses, _ = names["loss_and_gradients"](X.astype(complex), t)
        return float(sum(losses).imag / TINY)

    model.namespace["noise_rng"] = np.random.default_rng(1)
    _, gradients = model.loss_and_gradients(X, t)
    errors = []
    for name, gradient in gradients.items():
        expected = np.array([slope(name, at) for at in np.ndindex(gradient.shape)])
        largest = max(np.abs(expected).max(), 1e-6)
        errors.append(np.abs(gradient.ravel() - expected).max() / largest)
    return float(max(errors))
