"""Where a gradient goes wrong: the first one in the backward pass that is not what it should be.

Gradients of intermediate values are checked like those of parameters: the forward pass is
printed with a shift added to each value, and the loss is differentiated by the shift.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nndsl.ir import parse_text
from nndsl.live.gradients.decisions import RECORDER, Recorder, instrumented
from nndsl.live.gradients.listing import Listing
from nndsl.live.gradients.mistakes import likely_mistake
from nndsl.live.gradients.oracles import STEP, by_directions, by_entries
from nndsl.live.gradients.prints import FAILURES, Prints
from nndsl.live.gradients.running import Array, Point, Text
from nndsl.live.gradients.variables import mistaken_variable
from nndsl.live.gradients.verdict import Check, compare, compare_directions, rounding

SHIFT = "_shift_"
DIRECTIONS = 3
FEW, MOST = 64, 10_000  # numbers: more are judged along directions, many more never one by one
STEP_NAME = re.compile(r"d[A-Z]\d+").fullmatch  # the gradient of a value of the graph: dZ2


@dataclass(frozen=True, slots=True)
class Culprit:
    """The first wrong gradient of the backward pass: what comes after it follows from it."""

    variable: str
    line: int  # of the script, which writes it
    code: str
    layer: str  # as it stands in the spec
    layer_line: int | None
    mistake: str
    first_line: int | None = None  # that writes it, where several do, one after another


def find_culprit(prints: Prints, point: Point) -> Culprit | None:
    """Return the first gradient that is wrong at a point, or None where all that show are right."""
    variables = Variables(prints, point)
    rng = np.random.default_rng(point.seed)
    for variable in variables.gradients():
        mistake = _mistake(variables, variable, rng)
        if mistake is not None:
            layer, layer_line = prints.layer_of(variable)
            written = prints.listing.written(variable)
            first = prints.listing.first_line_of(variable)
            since = first if first < written[1] else None
            return Culprit(*written, layer, layer_line, mistake, since)
    return None


def wrong_step(prints: Prints, point: Point, rng: np.random.Generator) -> str:
    """Return the first value of the graph whose gradient is wrong, or an empty string.

    What it does to the parameters may be hidden: by a unit that is off, by a mask.
    """
    variables = Variables(prints, point)
    for variable in variables.gradients():
        if variable in variables.parameters or not variables.is_step(variable):
            continue
        if not variables.fits(variable):
            return variable
        check = variables.along_directions(variable, rng)
        if check is not None and check.status == "wrong":
            return variable
    return ""


def _mistake(variables: Variables, variable: str, rng: np.random.Generator) -> str | None:
    """Return what is likely wrong with a gradient, "" where that is not known, None: nothing is."""
    fits, size = variables.fits(variable), variables.value(variable).size
    if not variables.is_array(variable):
        return None
    if fits and size > FEW:
        check = variables.along_directions(variable, rng)
        if check is not None and check.status != "wrong":
            return None
        if size > MOST:
            return None if check is None else ""
    elif not fits and not (variable in variables.parameters or variables.is_step(variable)):
        return None  # laid out in another way than its value
    return variables.mistake_of_entries(variable)


class Variables:
    """The variables of a script at a point, and the derivatives of its losses by each of them."""

    def __init__(self, prints: Prints, point: Point) -> None:
        self._prints, self._point, self._listing = prints, point, prints.listing
        everything = Text(self._listing.with_locals(), prints.path)
        self._found = _variables(everything, point) or {}  # nothing where the script fails
        single = (_variables(everything.single, other) for other in point.singles())
        self._single = [made for made in single if made]
        self._shifted = _with_shifts(self._listing, self._found, prints.path)
        self.parameters = {variable: name for name, variable in self._listing.gradients.items()}

    def gradients(self) -> Iterator[str]:
        """Yield the gradients that can be judged, in the order in which they are made."""
        order = self._listing.order_of
        for variable in sorted(self._found, key=order):
            value = self._found.get(variable[1:])
            if variable[0] != "d" or not isinstance(value, np.ndarray) or order(variable) < 0:
                continue
            if variable in self.parameters or (
                f"{SHIFT}{variable[1:]}" in self._shifted.names
                and (self.is_step(variable) or not self._is_of_a_loop(variable))
            ):
                yield variable

    def value(self, variable: str) -> Array:
        """Return what a gradient is the gradient of."""
        value: Array = self._found[variable[1:]]
        return value

    def fits(self, variable: str) -> bool:
        """Has a gradient the shape of its value?"""
        return bool(np.shape(self._found[variable]) == self.value(variable).shape)

    def is_array(self, variable: str) -> bool:
        """Is a gradient an array, and not one number?"""
        return isinstance(self._found[variable], np.ndarray)

    def is_step(self, variable: str) -> bool:
        """Is it the gradient of a value of the graph?"""
        return STEP_NAME(self._listing.written(variable)[0]) is not None

    def along_directions(self, variable: str, rng: np.random.Generator) -> Check | None:
        """Judge a whole gradient, None where a direction turns what is equal and decides."""
        directions = rng.standard_normal((DIRECTIONS, *self.value(variable).shape))
        name = self.parameters.get(variable)
        along = (
            by_directions(self._prints.forward, self._point, name, directions)
            if name is not None
            else _along_shifts(self._shifted, self._point, variable[1:], directions)
        ).sum(axis=1)
        if not np.isfinite(along).all():
            return None
        analytic, noise = self._analytic(variable), self._noise(variable)
        return compare_directions(analytic, directions, along, noise, point="", part="")

    def mistake_of_entries(self, variable: str) -> str | None:
        """Judge a gradient number by number; return the likely mistake, None where it is right."""
        name, value = self.parameters.get(variable), self.value(variable)
        numeric = (
            by_entries(self._prints.forward, self._point, name, range(value.size))
            if name is not None
            else _by_shift(self._shifted, self._point, variable[1:], value)
        )
        total, analytic = numeric.sum(axis=1), self._analytic(variable)
        entries = np.flatnonzero(np.isfinite(total))
        if self.fits(variable):
            noise = self._noise(variable)
            flat, shape = analytic.reshape(-1)[entries], value.shape
            if not len(entries) or (
                compare(flat, total[entries], noise, shape=shape, entries=entries, point="").status
                != "wrong"
            ):
                return None
        others = numeric[:, 1].reshape(value.shape) if numeric.shape[1] > 1 else None
        true = np.where(np.isfinite(total), total, 0).reshape(value.shape)
        mistake = likely_mistake(analytic, true, len(self._point.t), others)
        return mistake or mistaken_variable(
            self._listing, self._point, variable, true, self._found, self._prints.path
        )

    def _analytic(self, variable: str) -> Array:
        made: Array = self._found[variable]
        return made.astype(np.float64) if made.dtype == bool else made  # a mistake made it so

    def _noise(self, variable: str) -> float:
        return rounding(self._analytic(variable), [made[variable] for made in self._single])

    def _is_of_a_loop(self, variable: str) -> bool:
        """Is what a variable holds at the end that of a loop's last round alone?"""
        statement = self._listing.step_of(variable).statement
        return statement.is_compound and variable not in statement.mutates


def _variables(everything: Text, point: Point) -> dict[str, Any] | None:
    """Return the variables of `loss_and_gradients`, or None where it fails."""
    try:
        variables: dict[str, Any] = everything(point)
    except FAILURES:
        return None
    return {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in variables.items()}


def _with_shifts(listing: Listing, variables: dict[str, Any], path: str) -> Text:
    """Return the forward pass with a shift, zero at first, behind the last write of each value."""
    forward = Listing(listing.forward_only(dtype="np.complex128"))
    wanted = {
        name[1:]
        for name in variables
        if name[0] == "d" and isinstance(variables.get(name[1:]), np.ndarray)
    } - set(listing.gradients)
    last = {name: at for at, s in enumerate(forward.statements) for name in s.writes}
    shifts = sorted(name for name in wanted if name in last)
    body = []
    for at, statement in enumerate(forward.statements):
        body.append(statement)
        for name in shifts:
            if last[name] == at:
                body += parse_text(f"{name} = {name} + {SHIFT}{name}")
    text = Text(instrumented(forward.losses_of(body)), path)
    text.names |= {f"{SHIFT}{name}": 0.0 for name in shifts}
    return text


def _by_shift(shifted: Text, point: Point, name: str, value: Array) -> Array:
    """Return the derivative of the losses by each entry of a value, (entries, losses)."""
    return _along_shifts(shifted, point, name, np.eye(value.size).reshape(-1, *value.shape))


def _along_shifts(shifted: Text, point: Point, name: str, directions: Array) -> Array:
    """Return the derivatives along directions, NaN where one turns what is equal and decides.

    Units that are off are equal for a maximum of them: no step of the parameters parts them.
    """
    point = point.cast(np.complex128)
    found = []
    for direction in directions:
        shifted.names[RECORDER] = recorder = Recorder()
        shifted.names[f"{SHIFT}{name}"] = 1j * STEP * direction
        losses = shifted.losses(point).imag
        found.append(np.full(losses.shape, np.nan) if recorder.ties else losses)
    shifted.names[f"{SHIFT}{name}"] = 0.0
    return np.array(found) / STEP
