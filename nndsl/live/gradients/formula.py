"""The check of a symbolic gradient: the script's `gradient`, held to the complex step of `f`."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from nndsl.emit import layout
from nndsl.ir import Expression, Name, Operation, assign, parse_value
from nndsl.ir.scalar import Dual, evaluate
from nndsl.ir.tree import transformed
from nndsl.live.arrays import Array
from nndsl.live.descent import SCRIPT, Descent
from nndsl.live.errors import PageError
from nndsl.live.gradients.decisions import instrumented
from nndsl.live.gradients.executable import INPUTS, Executable, Point
from nndsl.live.gradients.oracles import SMOOTH, STEP, by_differences, by_entries, ties
from nndsl.live.gradients.parsed_script import FUNCTION
from nndsl.live.gradients.points import ATTEMPTS, NUDGE
from nndsl.live.gradients.report import Property, Report, Row, status_of
from nndsl.live.gradients.verdict import NORM_RELATIVE, PRECISION, Check, compare, rounding
from nndsl.program.names import Names
from nndsl.program.program import Function

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
EDGE = 1e-9  # relative: how close the end of where f is defined may be
LARGE_STEP = 1e-8  # of the complex step where the usual one is lost among the smallest floats
BACKWARD = FORWARD.replace("{}", "dict(zip(params, gradient(*params.values())))")


def check_formula(descent: Descent, *, seed: int = 0) -> Report:
    """Prove the gradient of a formula at the start, at the end of the path, and beside the start.

    A point at a kink is moved a little: there is no slope to compare with. PageError where f has
    a slope at none of them.
    """
    with np.errstate(all="ignore"):
        return _FormulaCheck(descent, seed).report()


class _FormulaCheck:
    def __init__(self, descent: Descent, seed: int) -> None:
        self.descent = descent
        self.rng = np.random.default_rng(seed)
        f = descent.program.f
        assert f.returns is not None
        name = Names([*f.arguments, *(step for step, _ in descent.program.steps)]).fresh("absolute")
        rule = partial(_complex_safe, name=name)
        oracle = replace(
            f,
            statements=tuple(made.rewrite(rule) for made in f.statements),
            returns=transformed(f.returns, rule),
        )
        statements = [assign("y", parse_value("np.maximum(u, -u)"))]
        self.script = Executable(descent.source + BACKWARD, SCRIPT)
        self.forward, self.decided = (
            Executable(
                f"import numpy as np\n\n\n{layout.function(absolute)}\n\n\n"
                f"{layout.function(oracle)}\n{FORWARD}",
                SCRIPT,
            )
            for body in (statements, instrumented(statements))
            for absolute in [Function(name, ("u",), "", tuple(body), Name("y"))]
        )
        self.redrawn = 0  # points that were left because of a kink

    def report(self) -> Report:
        points = list(self.points())
        if not points:
            raise PageError(
                "there is no point to check at: f has no slope at the start or beside it",
                "let it start where f is smooth",
            )
        agrees = all(map(self.is_one_formula, points))
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

    def is_one_formula(self, point: Point) -> bool:
        """Has the formula of the complex step the value that the script's `f` has?"""
        (expected,), (found,) = self.script.losses(point), self.forward.losses(point).real
        size = sum(abs(point.values[name]) * self.size(point, name) for name in self.slopes)
        return bool(abs(found - expected) <= 1e-12 * abs(expected) + PRECISION * size)

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
            point = Point(label, {**values, INPUTS[0]: np.array(0.0)}, {}, np.array(0))
            if self.is_smooth(point) and not ties(self.decided, point, self.rng):
                yield point
                return
            self.redrawn += 1
            place = place + scale * self.rng.standard_normal(len(place))

    def is_smooth(self, point: Point) -> bool:
        """Are f and its slopes numbers at a point, and f beside it along each variable?"""
        exact = [self.exact(point, name) for name in self.slopes]
        if not np.isfinite([self.script.losses(point), *exact]).all():
            return False
        if not np.isfinite(list(self.script(point)[-1].values())).all():
            return False
        beside = [
            replace(point, values={**point.values, name: np.array(value + sign * EDGE * size)})
            for name in self.slopes
            for value in [float(point.values[name])]
            for size in [max(1.0, abs(value))]
            for sign in (-1, 1)
        ]
        return bool(np.isfinite([self.script.losses(point) for point in beside]).all())

    @property
    def slopes(self) -> list[str]:
        """The names of the slopes in the script, which stand for the variables here."""
        return list(self.descent.program.slopes)

    def exact(self, point: Point, name: str) -> Array:
        """Return the slope along a variable by the complex step, (1,)."""
        return by_entries(self.forward, point, name, [0])[:, 0]

    def exact_and_rough(self, point: Point, name: str) -> tuple[float, float]:
        """Return a slope by the complex step and by differences.

        Where a formula passes through the smallest floats, the usual step is lost: 1e-300 times
        1e-30 is 0. A larger one is taken if the differences say that it alone is right.
        """
        (usual,) = self.exact(point, name)
        (large,) = by_entries(self.forward, point, name, [0], step=LARGE_STEP)[:, 0]
        (rough,), (noise,), _ = by_differences(self.script, self.decided, point, name, [0])
        allowed = SMOOTH * abs(rough) + noise
        (half,) = by_entries(self.forward, point, name, [0], step=STEP / 2)[:, 0]
        is_lost = abs(usual - rough) > allowed or abs(usual - half) > NORM_RELATIVE * abs(usual)
        is_large_right = abs(large - rough) <= allowed
        return float(large if is_lost and is_large_right else usual), float(rough)

    def row(self, at: int, points: list[Point]) -> Row:
        name = self.slopes[at]
        statement = next(
            made for made in self.descent.program.gradient.statements if made.target == name
        )
        checks = tuple(self.check(name, point) for point in points)
        exact, rough = self.exact_and_rough(points[0], name)
        size = abs(exact) + abs(rough)
        before, _, _ = self.descent.source.partition(f"    {name} = ")
        return Row(
            name=self.descent.variables[at],
            shape=(),
            checks=checks,
            differences=float(abs(exact - rough) / size) if size else 0.0,
            kinks=0,
            status=status_of(checks),
            line=before.count("\n") + 1,
            code=" ".join(statement.text.split()).replace("( ", "(").replace(" )", ")"),
            layer="",
            layer_line=None,
        )

    def check(self, name: str, point: Point) -> Check:
        """Compare one slope at one point."""

        def slope(point: Point) -> Array:
            gradients: Mapping[str, Array] = self.script(point)[-1]
            return np.array([gradients[name]])

        analytic = slope(point)
        exact = self.exact(point, name)
        singles = (
            by_entries(self.forward, p, name, [0], step=LARGE_STEP, dtype=np.complex64)
            for p in point.singles()
        )
        noise = max(
            PRECISION * (size := self.size(point, name)),
            abs(self.size(point, name, STEP) - size),  # f bends within the step
            rounding(analytic, map(slope, point.singles())),
            rounding(exact, (single[:, 0] for single in singles)),
        )
        number = analytic.astype(np.float64).reshape(())
        check = compare(number, exact, noise, np.array([0]), point.label)
        if check.status == "wrong":
            exact = np.array([self.exact_and_rough(point, name)[0]])
            check = compare(number, exact, noise, np.array([0]), point.label)
        return check

    def size(self, point: Point, name: str, step: float = 0.0) -> float:
        """Return the sum of the absolute values of a slope's terms, a step away along it.

        0 where it is no number.
        """
        arguments = zip(self.slopes, self.descent.program.f.arguments, strict=True)
        known: dict[str, Dual] = {
            argument: (
                ([float(point.values[slope]) + step], [1.0])
                if slope == name
                else ([float(point.values[slope])], None)
            )
            for slope, argument in arguments
        }
        size: Sequence[float] | None = None
        for made, formula in self.descent.program.steps:
            known[made] = evaluate(formula, known, 1, sizes=True)
            _, size = known[made]
        return size[0] if size and math.isfinite(size[0]) else 0.0


def _complex_safe(node: Expression, name: str) -> Expression:
    """Return what keeps an imaginary part, and reads what stands in it once: a call for abs(u)."""
    match node:
        case Operation("np.abs()"):
            return replace(node, op=f"{name}()")
    return node
