"""Where a gradient goes wrong: the first one in the backward pass that is not what it should be.

Gradients of intermediate values are checked like those of parameters: the forward pass is
printed with a shift added to each value, and the loss is differentiated by the shift.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from nndsl.live.gradients.decisions import RECORDER, Recorder, instrumented
from nndsl.live.gradients.listing import FUNCTION, Listing
from nndsl.live.gradients.mistakes import likely_mistake
from nndsl.live.gradients.oracles import STEP, by_directions, by_entries
from nndsl.live.gradients.prints import FAILURES, Prints
from nndsl.live.gradients.running import Array, Point, Text
from nndsl.live.gradients.variables import mistaken_variable
from nndsl.live.gradients.verdict import compare, compare_directions, rounding

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
    listing, path = prints.listing, prints.path
    everything = Text(listing.with_locals(), path)
    found = _variables(everything, point)
    if found is None:
        return None
    single = [made for other in point.singles() if (made := _variables(everything.single, other))]
    shifted = Text(instrumented(_with_shifts(listing, found)), path)
    rng = np.random.default_rng(point.seed)
    parameters = {variable: name for name, variable in listing.gradients.items()}
    checked = sorted(
        (name for name in found if listing.order_of(name) >= 0 and name[0] == "d"),
        key=listing.order_of,
    )
    for variable in checked:
        value = found.get(variable[1:])
        analytic = found[variable]
        if not isinstance(value, np.ndarray) or not isinstance(analytic, np.ndarray):
            continue
        if analytic.dtype == bool:  # a mistake may have made it true or false
            analytic = analytic.astype(np.float64)
        name = parameters.get(variable)
        is_step = STEP_NAME(listing.written(variable)[0])
        if name is None and f"{SHIFT}{variable[1:]}" not in shifted.names:
            continue
        if name is None and not is_step and _is_of_a_loop(variable, listing):
            continue
        if analytic.shape == value.shape and value.size > FEW:
            directions = rng.standard_normal((DIRECTIONS, *value.shape))
            along = (
                by_directions(prints.forward, point, name, directions)
                if name is not None
                else _along_shifts(shifted, point, variable[1:], directions)
            ).sum(axis=1)
            noise = rounding(analytic, [made[variable] for made in single])
            check = compare_directions(analytic, directions, along, noise, point="", part="")
            if np.isfinite(along).all() and check.status != "wrong":
                continue
            if value.size > MOST:
                if np.isfinite(along).all():
                    return _culprit(prints, variable, "")
                continue
        numeric = (
            by_entries(prints.forward, point, name, range(value.size))
            if name is not None
            else _by_shift(shifted, point, variable[1:], value)
        )
        total = numeric.sum(axis=1)
        others = numeric[:, 1].reshape(value.shape) if numeric.shape[1] > 1 else None
        if analytic.shape == value.shape:
            noise = rounding(analytic, [made[variable] for made in single])
            entries = np.flatnonzero(np.isfinite(total))
            if not len(entries):
                continue
            flat, shape = analytic.reshape(-1)[entries], value.shape
            judged = compare(flat, total[entries], noise, shape=shape, entries=entries, point="")
            if judged.status != "wrong":
                continue
        elif name is None and not is_step:
            continue  # laid out in another way than its value
        true = np.where(np.isfinite(total), total, 0).reshape(value.shape)
        mistake = likely_mistake(analytic, true, len(point.t), others)
        if not mistake:
            mistake = mistaken_variable(listing, point, variable, true, found, path)
        return _culprit(prints, variable, mistake)
    return None


def _culprit(prints: Prints, variable: str, mistake: str) -> Culprit:
    layer, layer_line = prints.layer_of(variable)
    written, first = prints.listing.written(variable), prints.listing.first_line_of(variable)
    since = first if first < written[1] else None
    return Culprit(*written, layer, layer_line, mistake, since)


def _is_of_a_loop(variable: str, listing: Listing) -> bool:
    """Is what a variable holds at the end that of a loop's last round alone?"""
    statement = listing.step_of(variable).statement
    return statement.is_compound and variable not in statement.mutates


def wrong_step(prints: Prints, point: Point, rng: np.random.Generator) -> str:
    """Return the first value of the graph whose gradient is wrong, or an empty string.

    What it does to the parameters may be hidden: by a unit that is off, by a mask.
    """
    everything = Text(prints.listing.with_locals(), prints.path)
    found = _variables(everything, point)
    if found is None:
        return ""
    single = [made for other in point.singles() if (made := _variables(everything.single, other))]
    shifted = Text(instrumented(_with_shifts(prints.listing, found)), prints.path)
    listing = prints.listing
    steps = [
        name
        for name in found
        if f"{SHIFT}{name[1:]}" in shifted.names and STEP_NAME(listing.written(name)[0])
    ]
    for variable in sorted(steps, key=listing.order_of):
        analytic, value = found[variable], found[variable[1:]]
        if np.shape(analytic) != value.shape:
            return variable
        directions = rng.standard_normal((DIRECTIONS, *value.shape))
        numeric = _along_shifts(shifted, point, variable[1:], directions).sum(axis=1)
        if np.isnan(numeric).any():
            continue
        noise = rounding(analytic, [made[variable] for made in single])
        check = compare_directions(analytic, directions, numeric, noise, point="", part="")
        if check.status == "wrong":
            return variable
    return ""


def _variables(everything: Text, point: Point) -> dict[str, Any] | None:
    """Return the variables of `loss_and_gradients`, or None where it fails."""
    try:
        variables: dict[str, Any] = everything(point)
    except FAILURES:
        return None
    return {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in variables.items()}


def _with_shifts(listing: Listing, variables: dict[str, Any]) -> str:
    """Return the forward pass with a shift, zero at first, behind the last write of each value."""
    text = listing.forward_only(dtype="np.complex128")
    forward = Listing(text)
    wanted = {
        name[1:]
        for name in variables
        if name[0] == "d" and isinstance(variables.get(name[1:]), np.ndarray)
    }
    places: dict[int, list[str]] = {}
    for name in sorted(wanted - set(listing.gradients)):
        written = [number for number, s in enumerate(forward.statements) if name in s.writes]
        if written:
            places.setdefault(written[-1], []).append(name)
    lines, zeros = [], []
    for number, statement in enumerate(forward.statements):
        lines.append(statement.text)
        for name in places.get(number, []):
            lines.append(f"{name} = {name} + {SHIFT}{name}")
            zeros.append(f"{SHIFT}{name} = 0.0")
    body = "\n".join([*lines, f"return {', '.join(forward.losses)}, None"])
    indented = "\n".join(f"    {line}" for line in body.split("\n"))
    before = re.split(rf"^def {FUNCTION}\(", text, flags=re.MULTILINE)[0]
    return f"{before}\n{chr(10).join(zeros)}\n\n\ndef {FUNCTION}(X, t):\n{indented}\n"


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
