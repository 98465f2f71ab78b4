"""A descent that was run, and what a figure shows of it: which points, which part of the plane."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nndsl.analysis.expectation_results import ExpectationResult
from nndsl.live.descent import Array, Descent, Trajectory

Region = tuple[Array, Array]  # the lowest and the highest corner, (variables,)

MAX_RATIO = 30  # of what the whole path spans to its first half: else its end hides the rest
MAX_GROWTH = 50  # of what is then shown, in the span of the first step
MARGIN = 0.15  # around a path
MIN_SIDE = 0.25  # of the larger side: a path along an axis still gets a plane
MIN_RANGE = 0.25  # of the coordinates: what has not moved more than that looks as if it has not
MAX_HEIGHT = 50  # times the median: where f spans more, lines are put by the area between them
LEVELS = 14


@dataclass(frozen=True)
class DescentResult:
    """A descent with its name in a figure, its path, and what became of the expectations."""

    name: str
    descent: Descent
    trajectory: Trajectory
    expectations: Sequence[ExpectationResult] = ()

    @cached_property
    def shown(self) -> Trajectory:
        """The path as far as it is shown: all of it, unless its end dwarfs everything else."""
        path = self.trajectory.finite
        spans = _extents(path.points)
        half = spans[len(spans) // 2] if len(spans) else 0.0
        if len(spans) < 3 or half == 0 or spans[-1] <= MAX_RATIO * half:
            return path
        first = spans[np.flatnonzero(spans)[0]]
        count = max(2, int((spans <= MAX_GROWTH * first).sum()))
        return Trajectory(path.variables, path.points[:count], path.values[:count])

    @property
    def hidden_steps(self) -> int:
        """How many steps lie outside of what is shown."""
        return len(self.trajectory.points) - len(self.shown.points)

    @property
    def note(self) -> str:
        """Say what is not shown, or nothing."""
        if not self.hidden_steps:
            return ""
        first, last = len(self.shown.points), len(self.trajectory.points) - 1
        steps = f"step {first} lies" if first == last else f"steps {first} to {last} lie"
        return f"{steps} outside: f ends at {number(self.trajectory.values[-1])}"

    @property
    def region(self) -> Region:
        """The part of the space around what is shown."""
        return shared_region([self])


def shared_region(results: Sequence[DescentResult]) -> Region:
    """Return the part of the space that holds the paths, with a margin."""
    points = np.concatenate([result.shown.points for result in results])
    low, high = points.min(axis=0), points.max(axis=0)
    sides = high - low
    largest = max(float(sides.max()), MIN_RANGE * (float(np.abs(points).max()) or 1.0))
    width = np.maximum(sides, MIN_SIDE * largest)
    middle = (low + high) / 2
    half = width / 2 + MARGIN * largest
    return middle - half, middle + half


def contour_levels(values: Array) -> Array:
    """Return the levels of f at which lines are drawn: even steps down a bowl, or even areas."""
    found = values[np.isfinite(values)]
    if not len(found) or found.max() == found.min():
        return np.array([])
    lowest, highest = float(found.min()), float(found.max())
    steps = np.linspace(0, 1, LEVELS + 1)[1:]
    typical = float(np.median(found)) - lowest
    if typical > 0 and highest - lowest > MAX_HEIGHT * typical:
        levels = np.quantile(found, steps)
    else:
        levels = lowest + (highest - lowest) * steps**2
    round_ones = np.unique([float(f"{level:.2g}") for level in levels])
    return np.asarray(round_ones[(round_ones > lowest) & (round_ones < highest)])


def number(value: float) -> str:
    """Write a number with four digits."""
    return f"{value:.4g}"


def _extents(points: Array) -> Array:
    """Return for each point the largest side of the box around all points up to it."""
    low = np.minimum.accumulate(points, axis=0)
    high = np.maximum.accumulate(points, axis=0)
    with np.errstate(over="ignore"):
        return np.asarray((high - low).max(axis=1)) if len(points) else np.array([])
