"""A quick look at one more point: everything at once, along one direction."""

from __future__ import annotations

import numpy as np

from nndsl.live.gradients.oracles import ties
from nndsl.live.gradients.prints import Prints, gradients_of
from nndsl.live.gradients.running import FAILURES, Point
from nndsl.live.gradients.steps import Steps

KINKED = 8  # numbers of each value at a kink that are looked at one by one


def is_usable(prints: Prints, point: Point) -> bool:
    """Is everything finite here, in both precisions? Else there is nothing to compare."""
    single = next(point.singles())
    try:
        losses = prints.forward.losses(point.cast(np.complex128))
        losses = np.array([*losses, *prints.script.single.losses(single)])
    except FAILURES:
        return True  # which is wrong
    return bool(np.isfinite(losses).all())


def looks_wrong(prints: Prints, point: Point, rng: np.random.Generator, examples: int) -> bool:
    """Is something wrong with the gradients at a point? It is looked at closely if so.

    Up to so many examples, kinks are looked at number by number.
    """
    if gradients_of(prints.script, point) is None:
        return True
    steps = Steps(prints.steps, point)
    if steps.look_wrong(rng):
        return True
    if len(point.t) > examples or not ties(prints.decided, point, rng):
        return False
    return any(
        steps.judge(variable, rng, KINKED).status == "wrong"
        for variable in steps.gradients()
        if variable in steps.parameters or steps.is_step(variable)
    )
