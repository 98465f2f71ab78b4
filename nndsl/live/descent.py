"""A descent: the script's own text in process, and the path that it walks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nndsl.analysis.compile import Checked
from nndsl.analysis.expectation_results import ExpectationResult
from nndsl.diagnostics import Diagnostics
from nndsl.emit.build import build_descent
from nndsl.emit.descent import write_descent
from nndsl.interchange import csv_text, json_text
from nndsl.live.execute import execute
from nndsl.program.descent import Descent as Program

SCRIPT = "descent.py"
STILL = 1e-6  # relative: less is no change of f
Array = npt.NDArray[np.float64]
Step = tuple[int, Array, float]


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
    def is_still(self) -> bool:
        """Is f what it was at the start, but for rounding?"""
        first, last = self.values[0], self.values[-1]
        return self.is_finite and bool(abs(last - first) <= STILL * max(abs(first), abs(last)))

    @property
    def has_diverged(self) -> bool:
        """Did it leave the numbers, or end higher than it began?"""
        grew = self.values[-1] > self.values[0] and not self.is_still
        return not self.is_finite or bool(grew)

    def rows(self) -> Iterator[list[float]]:
        """Yield each step: its number, the point, and f there."""
        for step, (point, value) in enumerate(zip(self.points, self.values, strict=True)):
            yield [step, *point.tolist(), float(value)]

    def to_csv(self) -> str:
        """Return a table of the steps, with every digit."""
        return csv_text(["step", *self.variables, "f"], self.rows())

    def to_json(self, held: Iterable[ExpectationResult] = ()) -> str:
        """Return where it ended, and what was expected of that; `null` is no finite number."""
        found: dict[str, Any] = {"steps": len(self.values) - 1, **self.results}
        if expected := [one.to_json() for one in held]:
            found["expectations"] = expected
        return json_text(found)


class Descent:
    """An optimizer's path on a formula. What runs is `source`, the script's own text."""

    def __init__(self, checked: Checked, *, name: str = SCRIPT) -> None:
        """Build the script of a checked spec with a formula. SpecError where it has errors."""
        program = build_descent(checked, Diagnostics())
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

    def walk(self) -> Trajectory:
        """Return the path from the start on. It ends early where f is not finite."""
        with np.errstate(all="ignore"):
            return self._path(list(self.namespace["descend"]()))

    def run(self) -> Trajectory:
        """Run the script's own `main`, which prints; return the path."""
        taken: list[Step] = []
        descend: Callable[[], Iterator[Step]] = self.namespace["descend"]

        def recorded() -> Iterator[Step]:
            for step in descend():
                taken.append(step)
                yield step

        self.namespace["descend"] = recorded
        try:
            self.namespace["main"]()
        finally:
            self.namespace["descend"] = descend
        return self._path(taken)

    def _path(self, taken: list[Step]) -> Trajectory:
        points = np.array([point for _, point, _ in taken], dtype=np.float64)
        values = np.array([value for _, _, value in taken], dtype=np.float64)
        return Trajectory(self.variables, points, values)
