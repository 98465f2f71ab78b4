"""A descent: the script's own text in process, and the path that it walks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nndsl.analysis.compile import Checked
from nndsl.analysis.expectation_results import ExpectationResult
from nndsl.emit.build import build_descent
from nndsl.emit.script import write_descent
from nndsl.live.execute import execute
from nndsl.program.descent import Descent as Program

SCRIPT = "descent.py"
MIN_CHANGE = 1e-6  # relative: less is no change of f
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Where a descent went: the points, (steps + 1, variables), and f there, (steps + 1,)."""

    variables: tuple[str, ...]
    points: Array
    values: Array

    @property
    def results(self) -> dict[str, float]:
        """Return where it ended, and f there, by name."""
        last = zip(self.variables, map(float, self.points[-1]), strict=True)
        return {**dict(last), "f": float(self.values[-1])}

    @property
    def finite(self) -> Trajectory:
        """The path as far as all of it are numbers."""
        is_finite = np.isfinite(self.values) & np.isfinite(self.points).all(axis=1)
        return Trajectory(self.variables, self.points[is_finite], self.values[is_finite])

    @property
    def is_finite(self) -> bool:
        """Is f a number to the end?"""
        return math.isfinite(self.values[-1])

    @property
    def is_unchanged(self) -> bool:
        """Is f what it was at the start, but for rounding?"""
        first, last = self.values[0], self.values[-1]
        return self.is_finite and bool(abs(last - first) <= MIN_CHANGE * max(abs(first), abs(last)))

    @property
    def has_diverged(self) -> bool:
        """Did it leave the numbers, or end higher than it began?"""
        grew = self.values[-1] > self.values[0] and not self.is_unchanged
        return not self.is_finite or bool(grew)

    @property
    def columns(self) -> tuple[str, ...]:
        """What stands in each of the `rows`."""
        return ("step", *self.variables, "f")

    def rows(self) -> Iterator[list[float]]:
        """Yield each step: its number, the point, and f there."""
        for step, (point, value) in enumerate(zip(self.points, self.values, strict=True)):
            yield [step, *point.tolist(), float(value)]

    def to_json(self, expectations: Sequence[ExpectationResult] = ()) -> dict[str, Any]:
        """Return where it ended, and what was expected of that, as a JSON document."""
        document: dict[str, Any] = {"steps": len(self.values) - 1, **self.results}
        if expectations:
            document["expectations"] = [result.to_json() for result in expectations]
        return document


class Descent:
    """An optimizer's path on a formula. What runs is `source`, the script's own text."""

    def __init__(self, checked: Checked, *, name: str = SCRIPT) -> None:
        """Build the script of a checked spec with a formula. SpecError where it has errors."""
        program = build_descent(checked)
        assert program is not None, "a spec that holds a formula"
        self.program: Program = program
        self.spec = program.spec
        self.source = write_descent(program, name=name).text
        self.namespace = execute(self.source, name)

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(self.program.minimizing.start)

    def f(self, points: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return f at points, (variables, …): as they are numbers, whatever becomes of them."""
        coordinates = np.asarray(points)
        with np.errstate(all="ignore"):
            found = np.asarray(self.namespace["f"](*coordinates))
        return np.broadcast_to(found, coordinates.shape[1:])

    def gradient(self, point: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the gradient at one point, (variables,)."""
        with np.errstate(all="ignore"):
            return np.asarray(self.namespace["gradient"](*np.asarray(point)))

    def trajectory(self) -> Trajectory:
        """Return the path from the start on. It ends early where f is not finite."""
        with np.errstate(all="ignore"):
            _, points, values = zip(*self.namespace["descend"](), strict=True)
        return Trajectory(self.variables, np.array(points), np.array(values, dtype=np.float64))

    def is_stuck(self, path: Trajectory) -> bool:
        """Has f no slope at the last point of a path at which it is a number?"""
        points = path.finite.points
        return len(points) > 0 and not np.isfinite(self.gradient(points[-1])).all()

    def run(self) -> Trajectory:
        """Run the script's own `main`, which prints; return the path, which is the same again."""
        self.namespace["main"]()
        return self.trajectory()
