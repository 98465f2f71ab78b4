"""Optimizers: how a gradient moves a parameter."""

from __future__ import annotations

from typing import ClassVar

from nndsl.vocabulary.schedule import Rate
from nndsl.vocabulary.word import Word


class Optimizer(Word):
    """How a gradient moves a parameter.

    `update` changes the parameter `p` in place. It may read the gradient `g`, the `step`
    (1, 2, …), the word's own fields, and its `state`, arrays of the shape of `p`. `decay`
    stands before it for weights alone, not for biases or the parameters of a normalisation.
    """

    role = "optimizers"
    constants = {"lr": "LEARNING_RATE"}
    title: ClassVar[str]  # as a person writes it: "Adam"
    source: ClassVar[str]  # paper and equation
    state: ClassVar[dict[str, float]] = {}  # name -> first value
    notes: ClassVar[dict[str, str]] = {}  # state -> what it is, for the script
    update: ClassVar[str]
    decay: ClassVar[str] = ""

    lr: Rate
