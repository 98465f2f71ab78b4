"""Signals: how large the numbers of a network are before it is trained.

The theory is that of wide networks with random weights: what a weighted layer puts out is normally
distributed over its units and the examples. Poole et al. 2016 ("Exponential expressivity in deep
neural networks through transient chaos"); for the gradient Schoenholz et al. 2017.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, pi, sqrt
from typing import NamedTuple


class Signal(NamedTuple):
    """The mean and the variance of a value, over its numbers and the examples."""

    mean: float
    variance: float

    @property
    def std(self) -> float:
        return sqrt(max(0.0, self.variance))  # rounding may leave it just below 0

    @property
    def power(self) -> float:
        """The mean square."""
        return self.variance + self.mean * self.mean


class Passage(NamedTuple):
    """What a layer makes of a signal, and what it multiplies a gradient's mean square by."""

    output: Signal
    gain: float


Curve = Callable[[float], tuple[float, float]]  # x -> y and the slope there

_STEP = 0.05  # no point lies at 0, where many activations have a corner
_NORMAL = [
    (z, exp(-z * z / 2) * _STEP / sqrt(2 * pi))
    for z in (_STEP * (number + 0.5) - 6 for number in range(240))
]


def through_curve(curve: Curve, x: Signal) -> Passage:
    """Return what becomes of a normally distributed signal, number by number."""
    mean = power = gain = 0.0
    std = x.std
    for z, weight in _NORMAL:
        y, slope = curve(x.mean + std * z)
        mean += weight * y
        power += weight * y * y
        gain += weight * slope * slope
    return Passage(Signal(mean, max(0.0, power - mean * mean)), gain)


def flat_share(curve: Curve, x: Signal) -> float:
    """Return the part of a signal where a curve has less than a twentieth of its greatest slope."""
    points = [(abs(curve(x.mean + x.std * z)[1]), weight) for z, weight in _NORMAL]
    limit = max(abs(curve(z / 2)[1]) for z, _ in _NORMAL) / 20
    return sum(weight for slope, weight in points if slope < limit)
