"""Optimizers: how a gradient moves a parameter."""

import math
from collections.abc import Iterator
from typing import ClassVar

from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.schedule import Rate, Schedule


class Optimizer(Builtin):
    """How a gradient moves a parameter.

    `update` changes the parameter `p` in place. It may read the gradient `g`, the `step`
    (1, 2, …), the word's own fields, and its `state`, arrays of the shape of `p`. `decay`
    stands before it for weights alone, not for biases or the parameters of a normalisation.
    """

    kind = "optimizers"
    constants = {"lr": "LEARNING_RATE"}
    title: ClassVar[str]  # as a person writes it: "Adam"
    source: ClassVar[str]  # paper and equation
    exact_title: ClassVar[str] = ""  # both where the gradient is that of a formula and no batch's,
    exact_source: ClassVar[str] = ""  # if they are others then
    state: ClassVar[dict[str, float]] = {}  # name -> first value
    notes: ClassVar[dict[str, str]] = {}  # state -> what it is, for the script
    update: ClassVar[str]
    decay: ClassVar[str] = ""
    usual_rates: ClassVar[tuple[float, float]] = (0.0, math.inf)  # far outside: a slip of the pen
    adapts: ClassVar[bool] = False  # divides by the gradient's size: a factor on it has no effect
    decoupled: ClassVar[str] = ""  # the word for the same optimizer with weight decay of its own

    lr: Rate


def schedules_of(optimizer: Optimizer) -> Iterator[Schedule]:
    """Yield the schedules among the settings of an optimizer."""
    for field in type(optimizer).model_fields:
        value = getattr(optimizer, field)
        if isinstance(value, Schedule):
            yield value
