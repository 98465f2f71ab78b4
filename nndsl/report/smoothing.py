"""Smoothing curves (Savitzky and Golay)."""

import math
from collections.abc import Sequence
from functools import cache
from operator import mul

import numpy as np

MAX_NEIGHBOURS = 5  # on each side


def smoothed(values: Sequence[float]) -> list[float]:
    """Return for each value that of a parabola fitted to it and its neighbours.

    A parabola follows a bend that a mean would cut off (Savitzky and Golay 1964). A tenth of the
    values to a side, at most five, and fewer towards the beginning, where a loss falls: the first
    one stays. The last parabola goes on to the end, which would swing with each value otherwise.
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
        m = min(reach, i)
        middle = min(i, len(values) - 1 - m)
        near = values[middle - m : middle + m + 1]
        value = sum(map(mul, _weights(m, i - middle), near))
        found.append(min(max(value, min(near)), max(near)))
    return found


@cache
def _weights(m: int, at: int) -> list[float]:
    """Return what 2m + 1 values count in the parabola through them, `at` from the middle."""
    fitted = np.linalg.pinv(np.vander(range(-m, m + 1), 3))  # from the values to a, b and c
    weights: list[float] = (np.vander([at], 3) @ fitted)[0].tolist()
    return weights
