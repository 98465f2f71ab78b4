"""Where a gradient goes wrong: the first one in the backward pass that is not what it should be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nndsl.live.gradients.mistakes import likely_mistake
from nndsl.live.gradients.prints import Prints
from nndsl.live.gradients.steps import Steps
from nndsl.live.gradients.variables import mistaken_variable

MOST = 10_000  # numbers: more are never judged one by one
SHARED = "numbers that are equal share one gradient: theirs together is another than it should be"


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


def find_culprit(prints: Prints, steps: Steps, rng: np.random.Generator) -> Culprit | None:
    """Return the first gradient that is wrong at a point, or None where all that show are right."""
    for variable in steps.gradients():
        mistake = _mistake(prints, steps, variable, rng)
        if mistake is not None:
            layer, layer_line = prints.layer_of(variable)
            written = prints.listing.written(variable)
            first = prints.listing.first_line_of(variable)
            since = first if first < written[1] else None
            return Culprit(*written, layer, layer_line, mistake, since)
    return None


def wrong_step(steps: Steps, rng: np.random.Generator) -> str:
    """Return the first value of the graph whose gradient is wrong, or an empty string.

    What it does to the parameters may be hidden: by a unit that is off, by a mask.
    """
    for variable in steps.gradients():
        if variable in steps.parameters or not steps.is_step(variable):
            continue
        if not steps.fits(variable) or steps.judge(variable, rng).status == "wrong":
            return variable
    return ""


def _mistake(prints: Prints, steps: Steps, variable: str, rng: np.random.Generator) -> str | None:
    """Return what is likely wrong with a gradient, "" where that is not known, None: nothing is."""
    fits, size = steps.fits(variable), steps.value(variable).size
    if fits:
        if steps.judge(variable, rng).status != "wrong":
            return None
        if size > MOST:
            return ""
    elif steps.is_spread(variable):
        return "it has one number where its value has several"
    elif not (variable in steps.parameters or steps.is_step(variable)):
        return None  # laid out in another way than its value
    numeric = steps.by_entries(variable, np.arange(size))
    shape, analytic = steps.value(variable).shape, steps.analytic(variable)
    true = numeric.sum(axis=1).reshape(shape)
    if fits and np.allclose(analytic, true, rtol=1e-9, atol=0):
        return SHARED
    others = numeric[:, 1].reshape(shape) if numeric.shape[1] > 1 else None
    mistake = likely_mistake(analytic, true, len(steps.point.t), others)
    return mistake or mistaken_variable(
        prints.listing, steps.point, variable, true, steps.found, prints.path
    )
