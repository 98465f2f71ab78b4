"""The check of a symbolic gradient: the script's `gradient`, held to the complex step of `f`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from nndsl.emit import layout
from nndsl.ir import Name, assign
from nndsl.live.descent import SCRIPT, Descent
from nndsl.live.execute import execute
from nndsl.live.gradients.decisions import RECORDER, Recorder, instrumented
from nndsl.live.gradients.executable import TRIES, Array
from nndsl.live.gradients.oracles import STEP, WIDTHS
from nndsl.live.gradients.parsed_script import FUNCTION
from nndsl.live.gradients.points import ATTEMPTS, NUDGE
from nndsl.live.gradients.report import Property, Report, Row
from nndsl.live.gradients.verdict import Check, compare, rounding
from nndsl.live.model import ModelError

NOTE = """\
rel. error: |script - true| / (|script| + |true|) at a point. The true slope is
the imaginary part of f(x + 1e-30 i) / 1e-30, which is exact but for rounding: a
right slope is near 1e-16, and 1e-10 is the limit.
zero: nothing but rounding is left of both; such a slope proves nothing."""
NEIGHBOURS = 3  # points beside the start
DISTANCE = 0.5  # how far they are, in the size of the start's coordinates


def check_formula(descent: Descent, *, seed: int = 0) -> Report:
    """Prove the gradient of a formula at the start, at the end of the path, and beside the start.

    A point at a kink is moved a little: there is no slope to compare with. ModelError where f has
    a slope at none of them.
    """
    return _FormulaCheck(descent, seed).report()


class _FormulaCheck:
    def __init__(self, descent: Descent, seed: int) -> None:
        self.descent = descent
        self.rng = np.random.default_rng(seed)
        oracle = descent.program.oracle
        assert oracle.returns is not None
        body = instrumented([*oracle.statements, assign("y", oracle.returns)])
        oracle = replace(oracle, statements=tuple(body), returns=Name("y"))
        text = layout.function(replace(oracle, name=FUNCTION))
        names = execute(f"import numpy as np\n\n\n{text}\n", SCRIPT)
        self._oracle, self._names = names[FUNCTION], names
        self.redrawn = 0  # points that were left because of a kink

    def report(self) -> Report:
        with np.errstate(all="ignore"):
            points = dict(self.points())
            if not points:
                raise ModelError(
                    "there is no point to check at: f has no slope at the start or beside it",
                    "let it start where f is smooth",
                )
            rows = tuple(
                self.row(position, name, points)
                for position, name in enumerate(self.descent.variables)
            )
            agrees = all(
                np.allclose(self.value(point).real, self.descent.f(point), rtol=1e-12, atol=0)
                for point in points.values()
            )
        one = Property("one formula", agrees, "in complex numbers f has another value")
        return Report(
            name=self.descent.spec.name,
            rows=rows,
            properties=(one,),
            examples=0,
            points=tuple(points),
            redrawn=self.redrawn,
            script=SCRIPT,
            source=self.descent.spec.source.name,
            note=NOTE,
        )

    # --- Points -----------------------------------------------------------------------

    def points(self) -> Iterator[tuple[str, Array]]:
        """Yield the points, each with where it is: those at which f and its slopes are numbers."""
        path = self.descent.trajectory().finite
        start = np.array(list(self.descent.program.minimizing.start.values()))
        scale = DISTANCE * np.maximum(1, np.abs(start))
        known = [("at the start", start)]
        if len(path.points) > 1:
            known.append((f"after {len(path.points) - 1} steps", path.points[-1]))
        for label, point in known:
            found = self.usable(point, NUDGE * np.maximum(1, np.abs(point)))
            if found is not None:
                yield label, found
        for number in range(1, NEIGHBOURS + 1):
            found = self.usable(start + scale * self.rng.standard_normal(len(start)), scale)
            if found is not None:
                yield f"beside it ({number})", found

    def usable(self, point: Array, scale: Array) -> Array | None:
        """Return the point, or one near it where f is smooth; None where there is none."""
        for _ in range(ATTEMPTS):
            moved = point + 1j * STEP * self.rng.standard_normal(len(point))
            values = [self.descent.f(point), self.value(moved)]
            is_smooth = not self._names[RECORDER].ties
            if is_smooth and np.isfinite([*values, *self.exact(point)]).all():
                return point
            self.redrawn += 1
            point = point + scale * self.rng.standard_normal(len(point))
        return None

    # --- Slopes -----------------------------------------------------------------------

    def value(self, point: Any) -> Any:
        """Return f at a point, complex or not; the decisions on the way are recorded."""
        self._names[RECORDER] = Recorder()
        return np.asarray(self._oracle(*point))

    def exact(self, point: Array) -> Array:
        """Return the gradient at a point by the complex step."""
        steps = np.eye(len(point)) * 1j * STEP
        return np.array([self.value(point + step).imag for step in steps]) / STEP

    def differences(self, point: Array, position: int) -> float:
        """Return the slope along one variable by central differences, by the closest width."""
        exact = self.exact(point)[position]
        step = np.zeros_like(point)
        slopes = []
        for width in WIDTHS:
            step[position] = width * max(1, abs(point[position]))
            above, below = self.descent.f(point + step), self.descent.f(point - step)
            slopes.append(float(above - below) / (2 * step[position]))
        return float(min(slopes, key=lambda slope: abs(slope - exact)))

    def row(self, position: int, name: str, points: dict[str, Array]) -> Row:
        checks = tuple(self.check(position, label, point) for label, point in points.items())
        statuses = {check.status for check in checks}
        status = "wrong" if "wrong" in statuses else "ok" if "ok" in statuses else "zero"
        first = next(iter(points.values()))
        exact, rough = self.exact(first)[position], self.differences(first, position)
        size = abs(exact) + abs(rough)
        written = self.descent.program.gradient.statements[position]
        before, _, _ = self.descent.source.partition(f"    {written.target} = ")
        return Row(
            name=name,
            shape=(),
            checks=checks,
            differences=abs(exact - rough) / size if size else 0.0,
            kinks=0,
            status=status,  # type: ignore[arg-type]
            line=before.count("\n") + 1,
            code=_on_one_line(written.text),
            layer="",
            layer_line=None,
        )

    def check(self, position: int, label: str, point: Array) -> Check:
        """Compare one slope at one point."""
        here = slice(position, position + 1)
        gradient = self.descent.gradient(point)
        eps = np.finfo(np.float32).eps
        singles = []
        for _ in range(TRIES):
            near = point * (1 + eps * self.rng.uniform(-1, 1, point.shape))
            singles.append(self.descent.gradient(near.astype(np.float32))[here])
        return compare(
            gradient[here].astype(np.float64),
            self.exact(point)[here],
            rounding(gradient[here], singles),
            shape=(),
            entries=np.array([0]),
            point=label,
        )


def _on_one_line(text: str) -> str:
    return " ".join(text.split()).replace("( ", "(").replace(" )", ")")
