"""Where a gradient goes wrong: the first one in the backward pass that is not what it should be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nndsl.ir import Assign, Expression, Name, Operation
from nndsl.ir.statement import statement
from nndsl.ir.tree import places
from nndsl.live.arrays import Array
from nndsl.live.execute import FAILURES
from nndsl.live.gradients.builds import Builds
from nndsl.live.gradients.executable import Executable
from nndsl.live.gradients.mistakes import OF_PENALTY, are_alike, likely_mistake
from nndsl.live.gradients.parsed_script import ParsedScript
from nndsl.live.gradients.steps import Steps

MAX_NUMBERS = 10_000  # more are never checked one by one
SHARED = "numbers that are equal share one gradient: theirs together is another than it should be"
TRIES = "_tries_"


@dataclass(frozen=True, slots=True)
class Culprit:
    """The first wrong gradient of the backward pass: what comes after it follows from it.

    Where `says` is not empty it may be any variable of a script, held to that of its page's.
    """

    variable: str
    line: int  # of the script, which writes it
    code: str
    layer: str  # as it stands in the spec
    layer_line: int | None
    mistake: str
    first_line: int | None = None  # that writes it, where several do, one after another
    says: str = ""  # what is wrong with it, and how that was told


def find_culprit(builds: Builds, steps: Steps, rng: np.random.Generator) -> Culprit | None:
    """Return the first gradient that is wrong at a point, or None where all that show are right."""
    for variable in steps.gradients():
        mistake = _mistake(builds, steps, variable, rng)
        if mistake is not None:
            behind = _behind(builds, steps, variable, rng)
            if behind is not None:  # what is wrong with it could not be measured
                variable, mistake = behind, ""
            of_layer = builds.layer_of(variable)
            if not mistake.startswith(OF_PENALTY):
                variable = _data_term(builds, steps, variable)
            written = builds.parsed.written(variable)
            suspects = [variable, *_untold(builds.parsed, steps, variable)]
            first = min(map(builds.parsed.first_line_of, suspects))
            since = first if first < written[1] else None
            return Culprit(*written, *of_layer, mistake, since)
    return None


def _data_term(builds: Builds, steps: Steps, variable: str) -> str:
    """Return the gradient to which a line adds that of a penalty, where it is wrong, or the sum."""
    if variable not in steps.parameters:
        return variable
    match builds.parsed.step_of(variable).statement.node:
        case Assign((Name(),), Operation("+", (Name(term), _))) if term in steps.variables:
            size = steps.value(variable).size
            true = steps.by_entries(variable, np.arange(min(size, MAX_NUMBERS)))[:, 0]
            analytic = steps.analytic(term).reshape(-1)[: len(true)]
            return variable if are_alike(analytic, true) else term
    return variable


def _untold(parsed: ParsedScript, steps: Steps, variable: str) -> list[str]:
    """Return the gradients that a wrong one is made of and that may be what is wrong.

    They are laid out in another way than their value, so that they cannot be judged.
    """
    checked = {*steps.gradients()}
    return [
        name
        for name in parsed.step_of(variable).statement.reads
        if name in checked and not (steps.fits(name) or steps.is_step(name))
    ]


def _behind(builds: Builds, steps: Steps, variable: str, rng: np.random.Generator) -> str | None:
    """Return the gradient that a wrong one is made of, where all that are made of it are wrong.

    It is that of a value without a name in the forward pass, so that it is not checked itself.
    """
    parsed, checked = builds.parsed, [*steps.gradients()]
    before = [
        name
        for name in parsed.step_of(variable).statement.reads
        if name[0] == "d"
        and name not in checked
        and 0 <= parsed.order_of(name) < parsed.order_of(variable)
    ]
    for name in sorted(before, key=parsed.order_of, reverse=True):
        made = [one for one in checked if name in parsed.step_of(one).statement.reads]
        if len(made) > 1 and all(_mistake(builds, steps, one, rng) is not None for one in made):
            return name
    return None


def _mistake(builds: Builds, steps: Steps, variable: str, rng: np.random.Generator) -> str | None:
    """Return what is likely wrong with a gradient, "" where that is not known, None: nothing is."""
    fits, size = steps.fits(variable), steps.value(variable).size
    if fits:
        if steps.check(variable, rng).status != "wrong":
            return None
        if size > MAX_NUMBERS:
            return ""
    elif steps.is_broadcast(variable):
        return "it has one number where its value has several"
    elif not (variable in steps.parameters or steps.is_step(variable)):
        return None  # laid out in another way than its value
    numeric = steps.by_entries(variable, np.arange(size))
    shape, analytic = steps.value(variable).shape, steps.analytic(variable)
    true = numeric.sum(axis=1).reshape(shape)
    if fits and np.allclose(analytic, true, rtol=1e-9, atol=0):
        return SHARED
    others = numeric[:, 1].reshape(shape) if numeric.shape[1] > 1 else None
    mistake = likely_mistake(analytic, true, steps.point.count, others)
    return mistake or _mistaken_variable(builds, steps, variable, true)


# --- Which variable it lacks, or has in the place of another ----------------------------


def _mistaken_variable(builds: Builds, steps: Steps, variable: str, true: Array) -> str:
    """Return the mistake in words, or an empty string where no variable explains it.

    `true` is what `variable` should be.
    """
    parsed = builds.parsed
    known = {
        name: value
        for name, value in {**steps.variables, **steps.point.values}.items()
        if isinstance(value, np.ndarray)
        and value.dtype.kind == "f"
        and parsed.order_of(name) < parsed.order_of(variable)
    }
    function = parsed.step_of(variable).function
    for is_now, should, value in _exchanges(builds, steps, variable, known):
        if np.shape(value) == true.shape and are_alike(value, true):
            is_now, should = (parsed.name_of(name, function) for name in (is_now, should))
            return f"`{is_now}` stands where `{should}` should be"
    # A mistake may have made it true or false.
    analytic = np.asarray(steps.variables[variable], true.dtype)
    for name, value in known.items():
        what = left_out(analytic, true, value)
        known_as = f"`{parsed.name_of(name, function)}`"
        if what:
            return what.format(known_as)
        if name[0] == "d" and value.shape == true.shape and are_alike(analytic, value):
            return f"it is {known_as} as that came: the slope of the layer is missing"
    return ""


def left_out(analytic: Array, true: Array, value: Array) -> str:
    """Return what a gradient lacks of a value, or has too much, with `{}` for its name."""
    try:
        if np.broadcast_shapes(value.shape, true.shape) != true.shape:
            return ""
    except ValueError:
        return ""
    if are_alike(analytic * value, true):
        return "the factor {} is missing"
    if are_alike(true * value, analytic):
        return "the factor {} is one too many"
    if value.shape == true.shape and are_alike(analytic + value, true):
        return "the term {} is missing"
    if value.shape == true.shape and are_alike(analytic - value, true):
        return "the term {} is one too many"
    return ""


def _exchanges(
    builds: Builds, steps: Steps, variable: str, known: Mapping[str, Array]
) -> list[tuple[str, str, Any]]:
    """Return (variable, another of its shape, what is computed with the other in its place)."""
    parsed = builds.parsed
    match parsed.step_of(variable).statement.node:
        case Assign((Name(),), _) as node:
            pass
        case _:
            return []
    swaps: list[tuple[str, str, Expression]] = [
        (part.id, other, put(Name(other)).value)
        for part, put in places(node)
        if isinstance(part, Name) and part.id in known
        for other, value in known.items()
        if other != part.id and value.shape == known[part.id].shape
    ]
    if not swaps:
        return []
    tried = Operation("list", tuple(value for *_, value in swaps))
    tries = statement(Assign((Name(TRIES),), tried))
    try:
        text = parsed.with_locals(tries, before=parsed.order_of(variable))
        values = Executable(text, builds.path)(steps.point)[TRIES]
    except FAILURES:
        return []
    return [(old, new, value) for (old, new, _), value in zip(swaps, values, strict=True)]
