"""Two ways to a derivative that know nothing of the backward pass.

The complex step: f(p + ih) has the imaginary part h f'(p); nothing is subtracted, so h can be so
small that the result is exact (Squire and Trapp 1998). Differences, extrapolated: the central
difference with h and h / 2 (Richardson 1911), on the real text itself.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nndsl.live.arrays import Array
from nndsl.live.execute import FAILURES
from nndsl.live.gradients.decisions import NUMBERS, RECORDER, Recorder, same
from nndsl.live.gradients.executable import Executable, Point

STEP = 1e-30
WIDTHS = (1e-3, 1e-4, 1e-5)  # of differences, the next where a decision changes or f bends
SMOOTH = 1e-5  # relative: with less bend the error of the extrapolation is near 1e-10


def by_entries(
    forward: Executable,
    point: Point,
    name: str,
    entries: Sequence[int],
    *,
    step: float = STEP,
    dtype: type = np.complex128,
) -> Array:
    """Return the derivative of each loss by some entries of an array, (entries, losses)."""
    point = point.cast(dtype)
    moved = point.values[name]
    flat = moved.reshape(-1)
    slopes = []
    for at in entries:
        value = flat[at]
        flat[at] = value + 1j * step
        slopes.append(forward.losses(point).imag)
        flat[at] = value
    return np.array(slopes).reshape(len(entries), -1) / step


def by_directions(forward: Executable, point: Point, name: str, directions: Array) -> Array:
    """Return the derivative of each loss along directions (directions, *shape) of an array."""
    point = point.cast(np.complex128)
    slopes = []
    for direction in directions:
        moved = point.values[name] + 1j * STEP * direction
        slopes.append(forward.losses(replace(point, values={**point.values, name: moved})).imag)
    return np.array(slopes) / STEP


def ties(decided: Executable, point: Point, rng: np.random.Generator) -> int:
    """Return how many decisions are so close that a step of all values would turn them."""
    point = point.cast(np.complex128)
    moved = {
        name: value + 1j * STEP * rng.standard_normal(value.shape)
        for name, value in point.values.items()
        if value.dtype.kind == "c"
    }
    try:
        return _decisions(decided, replace(point, values={**point.values, **moved})).ties
    except FAILURES:  # which is said elsewhere
        return 0


def by_differences(
    script: Executable,
    decided: Executable,
    point: Point,
    name: str,
    entries: Sequence[int],
    rough: float = 0.0,
) -> tuple[Array, Array, Array]:
    """Return the derivative of the total by some entries, how far rounding may move each, and
    where a decision changes with the smallest step: beside a kink, if the two sides differ there.

    `rough` is how far rounding may move the total itself, where it is more than its last digit.
    """
    base = _decisions(decided, point)
    values = dict(point.values)
    values[name] = values[name].copy()
    point = replace(point, values=values)
    flat = values[name].reshape(-1)
    slopes, noise = np.empty(len(entries)), np.empty(len(entries))
    turned = np.zeros(len(entries), bool)
    for number, at in enumerate(entries):
        value = flat[at]
        for width in WIDTHS:
            h = width * max(1.0, abs(value))
            totals = []
            is_same = True
            for moved in (value - h, value - h / 2, value + h / 2, value + h):
                flat[at] = moved
                is_same = is_same and same(_decisions(decided, point), base)
                if not is_same and width != WIDTHS[-1]:
                    break
                totals.append(script.losses(point).sum())
            flat[at] = value
            if len(totals) == 4:
                far, near = (totals[3] - totals[0]) / (2 * h), (totals[2] - totals[1]) / h
                slopes[number] = (4 * near - far) / 3
                last_digit = np.finfo(np.float64).eps * np.abs(totals).max()
                noise[number] = 20 * (last_digit + rough) / h
                turned[number] = not is_same
                bend = abs(slopes[number] - near)  # what the extrapolation changed
                if bend <= SMOOTH * abs(near) + noise[number]:
                    break
                noise[number] += bend * is_same
    return slopes, noise, turned


def _decisions(decided: Executable, point: Point) -> Recorder:
    recorder = Recorder()
    decided.names[RECORDER] = recorder
    kinds = {value.dtype.kind for value in point.values.values()}
    decided.names[NUMBERS] = np.complex128 if "c" in kinds else np.float64
    decided(point)
    return recorder
