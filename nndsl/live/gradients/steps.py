"""The derivative of each step of the network alone, with the script's gradients behind it.

Each value of the graph is fixed to what the script computes. A shift of one value changes those
that the next layers compute from it, and each change counts by the script's gradient there. So one
layer decides what is right, also where a value stands at a kink: at 0 for a relu, equal to another
for a maximum.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from nndsl.ir import Literal, Operation, Statement, parse_text
from nndsl.live.arrays import Array
from nndsl.live.execute import FAILURES
from nndsl.live.gradients.decisions import NUMBERS, RECORDER, Recorder, instrumented
from nndsl.live.gradients.executable import Executable, Point
from nndsl.live.gradients.oracles import STEP
from nndsl.live.gradients.parsed_script import ParsedScript
from nndsl.live.gradients.shaken import SHAKEN, Shaken, shake, shaken
from nndsl.live.gradients.verdict import (
    NORM_RELATIVE,
    Check,
    compare,
    compare_directions,
    rounding,
    worst_of,
)

DIRECTIONS = 3
TRIES = 2  # with shaken numbers
KINKED = 64  # numbers of a value at a kink, which are looked at one by one
CANCELLED = 4 * np.finfo(np.float64).eps  # of the largest gradient: what is left of a zero
SMALLEST = 1e-6  # of the largest gradient: smaller ones are moved as if they were so large
PINS = "_pins_"


class Pins:
    """Called for each value when it is computed: shifts it, or fixes it to the script's value."""

    def __init__(self) -> None:
        self.values: dict[str, Array] = {}
        self.gradients: dict[str, Array] = {}  # of values that are fixed; none: all are recorded
        self.moved: dict[str, Array] = {}
        self.reached: list[Array] = []  # what each number behind a shift adds to the loss

    def __call__(self, name: str, value: Any) -> Any:
        if not self.gradients:
            self.values[name] = np.array(value)  # its memory may be used again
        if name in self.gradients:
            shift = np.imag(value)
            at = shift != 0  # elsewhere a gradient that is not finite does not matter
            self.reached.append(np.where(at, self.gradients[name], 0) * shift / STEP)
            value = self.values[name].astype(np.complex128)
        return value + 1j * STEP * self.moved[name] if name in self.moved else value


class StepBuilds:
    """What is run for the steps of a script: it returning all variables, and it with pins.

    `values` are the names of the values of the graph, `within` those in functions with others.
    """

    def __init__(
        self,
        parsed: ParsedScript,
        path: str,
        values: Collection[str],
        within: Mapping[str, Collection[str]],
    ) -> None:
        self.parsed, self._values, self._within = parsed, values, within
        self._path = path
        self.everything = Executable(parsed.with_copies(), path)
        forward = parsed.forward
        self._shaken = Executable(parsed.with_copies(shaken(parsed.statements, forward)), path)
        last = {name: at for at, s in enumerate(forward) for name in s.writes}
        wanted = {name[1:] for step in parsed.steps for name in step.writes if name[0] == "d"}
        self.movable = sorted(wanted & last.keys() - set(parsed.gradients))
        body: list[Statement] = []
        for at, statement in enumerate(instrumented(forward)):
            body.append(statement)
            for name in self.movable:
                if last[name] == at:
                    body += parse_text(f'{name} = {PINS}("{name}", {name})')
        self.pinned = Executable(parsed.losses_of(body, NUMBERS), path)

    def is_gradient_of_value(self, function: str, name: str) -> bool:
        """Is a name in a function of the script that of the gradient of a value of the graph?"""
        return name[0] == "d" and name[1:] in self._within.get(function, self._values)

    def run_shaken(self, point: Point) -> Iterator[dict[str, Any]]:
        """Yield the variables at a point as shaken numbers make them, a few times."""
        for seed in range(TRIES):
            self._shaken.names[SHAKEN] = Shaken(seed)
            if variables := _variables(self._shaken, point):
                yield variables

    def rounding_of_losses(self, point: Point) -> float:
        """Return how far rounding moves the losses at a point."""
        forward = self.parsed.forward
        losses = Executable(self.parsed.losses_of(forward), self._path).losses(point)
        again = Executable(self.parsed.losses_by(forward, shake), self._path)
        away = []
        for seed in range(TRIES):
            again.names[SHAKEN] = Shaken(seed, float(np.finfo(np.float64).eps))
            away.append(float(np.abs(again.losses(point) - losses).sum()))
        return max(away)

    def run_pinned(self, point: Point, pins: Pins) -> tuple[Array, int]:
        """Return the losses at a point, complex or not, and how many ties are broken."""
        kinds = {value.dtype.kind for value in point.values.values()}
        number = np.complex128 if "c" in kinds else np.float64
        recorder = Recorder()
        self.pinned.names |= {PINS: pins, RECORDER: recorder, NUMBERS: number}
        return self.pinned.losses(point), recorder.ties


class Steps:
    """The variables of a script at a point, and the derivatives by each of them."""

    def __init__(self, builds: StepBuilds, point: Point) -> None:
        self._builds, self._parsed, self.point = builds, builds.parsed, point
        self.variables = _variables(builds.everything, point) or {}  # none where it fails
        single = (_variables(builds.everything.single, other) for other in point.singles())
        self._rough = [variables for variables in single if variables]
        self._rough += builds.run_shaken(point)
        self.parameters = {variable: name for name, variable in self._parsed.gradients.items()}
        rows = _rows(self._parsed.forward)  # the first may share its name with the whole
        self._rows = {variable: row for variable, row in rows if variable not in self.parameters}
        self._complex = point.cast(np.complex128)
        self._pins = Pins()
        if self.variables:
            builds.run_pinned(point, self._pins)
        self._pins.gradients |= {
            v[1:]: self.analytic(v)
            for v in self.gradients()
            if self.is_step(v) and v not in self.parameters and self.fits(v)
        }

    def gradients(self) -> Iterator[str]:
        """Yield the gradients that can be checked, in the order in which they are computed."""
        order = self._parsed.order_of
        for variable in sorted(self.variables, key=order):
            if order(variable) < 0:
                continue
            if (
                variable in self.parameters
                or variable in self._rows
                or (
                    variable[0] == "d"
                    and variable[1:] in self._pins.values
                    and (self.is_step(variable) or not self._is_of_a_loop(variable))
                )
            ):
                yield variable

    def value(self, variable: str) -> Array:
        """Return what a gradient is the gradient of."""
        if variable in self._rows:
            name, row = self._rows[variable]
            part: Array = self.point.values[name][row]
            return part
        whole = self.parameters.get(variable)
        return self._pins.values[variable[1:]] if whole is None else self.point.values[whole]

    def fits(self, variable: str) -> bool:
        """Has a gradient the shape of its value?"""
        return bool(np.shape(self.variables[variable]) == self.value(variable).shape)

    def is_broadcast(self, variable: str) -> bool:
        """Would a gradient have to be broadcast to have the shape of its value?"""
        own, shape = np.shape(self.variables[variable]), self.value(variable).shape
        try:
            return own != shape and np.broadcast_shapes(own, shape) == shape
        except ValueError:
            return False

    def wrong_step(self, rng: np.random.Generator) -> str:
        """Return the first value of the graph whose gradient is wrong, or an empty string.

        What it does to the parameters may be hidden: by a unit that is off, by a mask.
        """
        for variable in self.gradients():
            if variable in self.parameters or not self.is_step(variable):
                continue
            if not self.fits(variable) or self.check(variable, rng).status == "wrong":
                return variable
        return ""

    def is_step(self, variable: str) -> bool:
        """Is it the gradient of a value of the graph?"""
        names = self._parsed.names_of(variable)
        return any(self._builds.is_gradient_of_value(*name) for name in names)

    def analytic(self, variable: str) -> Array:
        array = np.asarray(self.variables[variable])  # a mistake may have made it one number
        return array.astype(np.float64) if array.dtype == bool else array  # or true and false

    def look_wrong(self, rng: np.random.Generator) -> bool:
        """Does something look wrong, when everything moves at once, and equal numbers alike?"""
        variables = [v for v in self.gradients() if v in self.parameters or self.is_step(v)]
        if not all(self.fits(v) for v in variables):
            return True
        if not variables:
            return False  # the network has no weights, and no steps either
        looks, ties = self._looks_wrong(variables, rng, rng.uniform(0.5, 1))
        return self._looks_wrong(variables, rng, 0.0)[0] if ties else looks

    def _looks_wrong(
        self, variables: Sequence[str], rng: np.random.Generator, phase: float
    ) -> tuple[bool, int]:
        """Say so along one direction, and how many ties break; without a `phase` zeros stand."""
        norms = {v: float(np.linalg.norm(self.analytic(v))) for v in variables}
        largest = max(norms.values())
        moved, along, allowed = {}, 0.0, NORM_RELATIVE
        for variable in variables:
            value, analytic = self.value(variable), self.analytic(variable)
            wave = rng.uniform(1, 3) * _scaled(value)
            direction = np.sin(wave + phase)
            if variable in self.parameters and len(self._parsed.losses) == 1:
                direction = rng.standard_normal(value.shape)  # no penalty, and no kink, of its own
            scale = 1 / (max(norms[variable], SMALLEST * largest) or 1.0)
            moved[variable] = direction = scale * direction
            along += float((analytic * direction).sum())
            size = float(np.linalg.norm(direction))
            allowed += NORM_RELATIVE * size / scale + 4 * self._noise(variable) * size
        slopes, ties = self._slopes(moved)
        return not abs(along - slopes.sum()) <= allowed, ties

    def check(self, variable: str, rng: np.random.Generator, kinked: int = KINKED) -> Check:
        """Check a gradient of the shape of its value: along directions, and at its kinks.

        `kinked` is how many numbers of a larger value are looked at one by one.
        """
        value, gradient = self.value(variable), self.analytic(variable)
        noise, label = self._noise(variable), self.point.label
        directions = rng.standard_normal((DIRECTIONS, *value.shape))
        along, is_smooth = self._along(variable, directions)
        if is_smooth:
            return compare_directions(gradient, directions, along, noise, label)
        checks = []
        for direction in _keeping_ties(value, rng):
            along, is_smooth = self._along(variable, direction[None])
            if is_smooth:  # what is equal moves alike: there is one derivative
                checks.append(compare_directions(gradient, direction[None], along, noise, label))
        entries = _tied(value, rng, kinked)
        true = self.by_entries(variable, entries).sum(axis=1)
        return worst_of([*checks, compare(gradient, true, noise, entries, label)])

    def by_entries(self, variable: str, entries: Array) -> Array:
        """Return the derivative of each loss by some entries of a value, (entries, losses).

        At a kink it is what the script has, as far as that lies between the two of its sides.
        """
        value = self.value(variable)
        direction = np.zeros(value.shape)
        flat = direction.reshape(-1)
        analytic = self.analytic(variable).reshape(-1) if self.fits(variable) else None
        derivatives = []
        for at in entries:
            flat[at] = 1.0
            slopes, ties = self._slopes({variable: direction})
            if ties and analytic is not None:
                above = self._pins.reached
                other = -self._slopes({variable: -direction})[0]
                low, high = _between(slopes, above, other, self._pins.reached)
                slopes[0] += np.clip(analytic[at], low, high) - slopes.sum()
            derivatives.append(slopes)
            flat[at] = 0.0
        return np.array(derivatives).reshape(len(derivatives), -1)

    def _noise(self, variable: str) -> float:
        noise = rounding(self.analytic(variable), [found[variable] for found in self._rough])
        return noise + CANCELLED * self.largest

    def noise_of(self, parameter: str) -> float:
        """Return how far rounding may move a gradient that is returned."""
        variable = self._parsed.gradients.get(parameter)
        return self._noise(variable) if variable in self.variables else 0.0

    @cached_property
    def largest(self) -> float:
        """The size of the gradients at this point, those of all values."""
        sizes = [float(np.abs(self.analytic(v)).max(initial=0)) for v in self.gradients()]
        return max((size for size in sizes if np.isfinite(size)), default=0.0)

    def _along(self, variable: str, directions: Array) -> tuple[Array, bool]:
        """Return the derivatives along directions, and whether none of them breaks a tie."""
        results = [self._slopes({variable: direction}) for direction in directions]
        along = np.array([slopes.sum() for slopes, _ in results])
        return along, not any(ties for _, ties in results)

    def _slopes(self, moved: Mapping[str, Array]) -> tuple[Array, int]:
        """Return the derivatives of the losses along directions, and the ties that these break."""
        pins, values = self._pins, dict(self._complex.values)
        pins.moved, pins.reached = {}, []
        for variable, direction in moved.items():
            name, row = self._rows.get(variable, (self.parameters.get(variable), None))
            if name is None:
                pins.moved[variable[1:]] = direction
                continue
            shift = np.zeros_like(values[name])
            shift[... if row is None else row] = 1j * STEP * direction
            values[name] = values[name] + shift
        losses, ties = self._builds.run_pinned(replace(self._complex, values=values), pins)
        slopes = losses.imag / STEP
        slopes[0] += sum(float(part.sum()) for part in pins.reached)
        return slopes, ties

    def _is_of_a_loop(self, variable: str) -> bool:
        """Is what a variable holds at the end that of a loop's last round alone?"""
        statement = self._parsed.step_of(variable).statement
        return statement.is_compound and variable not in statement.mutates


def _rows(forward: Iterable[Statement]) -> Iterator[tuple[str, tuple[str, int]]]:
    """Yield the gradient of each row of a stacked parameter: of which one, and the row.

    A penalty is on the parameter, and so the row moves there, and not where it is read.
    """
    for made in forward:
        match made.value:
            case Operation("[]", (Operation("[]", (_, Literal(str(name)))), Literal(int(row)))):
                yield f"d{made.target}", (name, row)


def _variables(everything: Executable, point: Point) -> dict[str, Any] | None:
    """Return the variables of `loss_and_gradients`, or None where it fails."""
    try:
        variables: dict[str, Any] = everything(point)
    except FAILURES:
        return None
    return variables


def _between(
    slopes: Array, above: list[Array], other: Array, below: list[Array]
) -> tuple[float, float]:
    """Return the least and the most that two sides allow: each number behind may choose its own."""
    pairs: list[tuple[Any, Any]] = [(up, -down) for up, down in zip(above, below, strict=True)]
    behind = np.array([[up.sum(), down.sum()] for up, down in pairs]).reshape(-1, 2).sum(axis=0)
    pairs.append((slopes.sum() - behind[0], other.sum() - behind[1]))  # on the loss itself
    low = sum(float(np.minimum(up, down).sum()) for up, down in pairs)
    return low, sum(float(np.maximum(up, down).sum()) for up, down in pairs)


def _keeping_ties(value: Array, rng: np.random.Generator) -> Iterator[Array]:
    """Yield directions along which equal numbers move alike, and some in which 0 stays."""
    scaled = _scaled(value)
    for shape in {value.shape[:count] for count in range(min(3, value.ndim))}:
        per_row = rng.uniform(0.5, 1.5, shape).reshape(*shape, *[1] * (value.ndim - len(shape)))
        for wave in (np.sin, np.cos):
            yield per_row * wave(rng.uniform(1, 3) * scaled)
    if value.ndim > 1:
        yield rng.uniform(0.5, 1.5, (value.shape[1], *[1] * (value.ndim - 2))) * np.cos(
            _finite(value)
        )


def _finite(value: Array) -> Array:
    """Return a value with 0 for what is not finite, as the padding of a maximum is."""
    return np.where(np.isfinite(value), value, 0)


def _scaled(value: Array) -> Array:
    """Return a value from -1 to 1."""
    finite = _finite(value)
    return finite / (np.abs(finite).max(initial=0) or 1.0)


def _tied(value: Array, rng: np.random.Generator, count: int) -> Array:
    """Return the places of some numbers, first of those that are 0 or there several times."""
    numbers, which, counts = np.unique(value, return_inverse=True, return_counts=True)
    several = (np.isfinite(numbers) & ((counts > 1) | (numbers == 0)))[which.reshape(-1)]
    order = np.concatenate([rng.permutation(np.flatnonzero(several == is_so)) for is_so in (1, 0)])
    return order[:count]
