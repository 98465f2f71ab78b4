"""The check of a symbolic gradient: the script's `gradient`, held to the complex step of `f`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from nndsl.emit import layout
from nndsl.ir import Name, assign
from nndsl.live.descent import SCRIPT, Descent
from nndsl.live.gradients.decisions import instrumented
from nndsl.live.gradients.executable import INPUT, Array, Executable, Point
from nndsl.live.gradients.oracles import by_differences, by_entries, ties
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
# A formula as a training step: f is the loss, and its variables are the parameters.
FORWARD = f"""

def {FUNCTION}(X, t):
    return f(*params.values()), {{}}
"""
BACKWARD = FORWARD.replace("{}", "dict(zip(params, gradient(*params.values())))")


def check_formula(descent: Descent, *, seed: int = 0) -> Report:
    """Prove the gradient of a formula at the start, at the end of the path, and beside the start.

    A point at a kink is moved a little: there is no slope to compare with. ModelError where f has
    a slope at none of them.
    """
    with np.errstate(all="ignore"):
        return _FormulaCheck(descent, seed).report()


class _FormulaCheck:
    def __init__(self, descent: Descent, seed: int) -> None:
        self.descent = descent
        self.rng = np.random.default_rng(seed)
        oracle = descent.program.oracle
        assert oracle.returns is not None
        body = instrumented([assign("loss", oracle.returns)])
        decided = replace(oracle, statements=tuple(body), returns=Name("loss"))
        self.script = Executable(descent.source + BACKWARD, SCRIPT)
        self.forward, self.decided = (
            Executable(f"import numpy as np\n\n\n{layout.function(f)}\n{FORWARD}", SCRIPT)
            for f in (oracle, decided)
        )
        self.redrawn = 0  # points that were left because of a kink

    def report(self) -> Report:
        points = list(self.points())
        if not points:
            raise ModelError(
                "there is no point to check at: f has no slope at the start or beside it",
                "let it start where f is smooth",
            )
        agrees = all(
            np.allclose(self.forward.losses(point).real, self.script.losses(point), 1e-12, 0)
            for point in points
        )
        return Report(
            name=self.descent.spec.name,
            rows=tuple(self.row(at, points) for at in range(len(self.descent.variables))),
            properties=(Property("one formula", agrees, "in complex numbers f has another value"),),
            examples=0,
            points=tuple(point.label for point in points),
            redrawn=self.redrawn,
            script=SCRIPT,
            source=self.descent.spec.source.name,
            note=NOTE,
        )

    def points(self) -> Iterator[Point]:
        """Yield the points at which f and its slopes are numbers."""
        path = self.descent.trajectory().finite
        start = np.array(list(self.descent.program.minimizing.start.values()))
        ends = [("at the start", start)]
        if len(path.points) > 1:
            ends.append((f"after {len(path.points) - 1} steps", path.points[-1]))
        for label, point in ends:
            yield from self.usable(label, point, NUDGE * np.maximum(1, np.abs(point)))
        scale = DISTANCE * np.maximum(1, np.abs(start))
        for number in range(1, NEIGHBOURS + 1):
            point = start + scale * self.rng.standard_normal(len(start))
            yield from self.usable(f"beside it ({number})", point, scale)

    def usable(self, label: str, place: Array, scale: Array) -> Iterator[Point]:
        """Yield the point, or one near it where f is smooth; nothing where there is none."""
        for _ in range(ATTEMPTS):
            values = dict(zip(self.slopes, map(np.array, place), strict=True))
            point = Point(label, {**values, INPUT: np.array(0.0)}, {}, np.array(0))
            known = [self.script.losses(point), *(self.exact(point, name) for name in values)]
            if np.isfinite(known).all() and not ties(self.decided, point, self.rng):
                yield point
                return
            self.redrawn += 1
            place = place + scale * self.rng.standard_normal(len(place))

    @property
    def slopes(self) -> list[str]:
        """The names of the slopes in the script, which stand for the variables here."""
        return [str(made.target) for made in self.descent.program.gradient.statements]

    def exact(self, point: Point, name: str) -> Array:
        """Return the slope along a variable by the complex step, (1,)."""
        return by_entries(self.forward, point, name, [0])[:, 0]

    def row(self, at: int, points: list[Point]) -> Row:
        statement, name = self.descent.program.gradient.statements[at], self.slopes[at]
        checks = tuple(self.check(name, point) for point in points)
        statuses = {check.status for check in checks}
        status = "wrong" if "wrong" in statuses else "ok" if "ok" in statuses else "zero"
        (exact,) = self.exact(points[0], name)
        (rough,), _, _ = by_differences(self.script, self.decided, points[0], name, [0])
        size = abs(exact) + abs(rough)
        before, _, _ = self.descent.source.partition(f"    {name} = ")
        return Row(
            name=self.descent.variables[at],
            shape=(),
            checks=checks,
            differences=float(abs(exact - rough) / size) if size else 0.0,
            kinks=0,
            status=status,  # type: ignore[arg-type]
            line=before.count("\n") + 1,
            code=_on_one_line(statement.text),
            layer="",
            layer_line=None,
        )

    def check(self, name: str, point: Point) -> Check:
        """Compare one slope at one point."""

        def slope(point: Point) -> Array:
            gradients: Mapping[str, Array] = self.script(point)[-1]
            return np.array([gradients[name]])

        analytic = slope(point)
        noise = rounding(analytic, map(slope, point.singles()))
        number = analytic.astype(np.float64).reshape(())
        return compare(number, self.exact(point, name), noise, np.array([0]), point.label)


def _on_one_line(text: str) -> str:
    return " ".join(text.split()).replace("( ", "(").replace(" )", ")")
