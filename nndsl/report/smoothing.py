"""Smoothing curves (Savitzky and Golay)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

MAX_NEIGHBOURS = 5  # on each side


def smoothed(values: Sequence[float]) -> list[float]:
    """Return for each value that of a parabola fitted to it and its neighbours.

    A parabola follows a bend that a mean would cut off (Savitzky and Golay 1964). A tenth of the
    values to a side, at most five, and fewer towards the ends: the first and the last one stay.
    Positive values are smoothed as logarithms, since a loss falls by factors: a parabola through
    the loss itself would dip below it.
    """
    if all(value > 0 for value in values):
        return [math.exp(value) for value in _smoothed([math.log(value) for value in values])]
    return _smoothed(values)


def _smoothed(values: Sequence[float]) -> list[float]:
    reach = min(MAX_NEIGHBOURS, len(values) // 10)
    found = []
    for i in range(len(values)):
        m = min(reach, i, len(values) - 1 - i)
        near = values[i - m : i + m + 1]
        weights = [3 * (3 * m * m + 3 * m - 1 - 5 * k * k) for k in range(-m, m + 1)]
        value = sum(map(mul, weights, near)) / sum(weights)
        found.append(min(max(value, min(near)), max(near)))
    return found
