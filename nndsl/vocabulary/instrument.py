"""Instruments: what `record` writes down while a network trains."""

from __future__ import annotations

from typing import ClassVar, Literal

from nndsl.vocabulary.word import Word


class Instrument(Word):
    """What is written down about the network before training and after each epoch.

    It looks at every layer, or at every parameter. `value` is what it sees there, whose
    distribution is kept: an expression over `y`, the output of a layer (N, …), or over a parameter
    `p`, its gradient `dp`, and `before`, which the parameter was before the last step. Each
    statement of `measure` makes a number out of the same, and is taken where all that it reads is
    known: `low` and `high` are the bounds of what a layer puts out, `W` is a parameter that is a
    weight.
    """

    role = "instruments"
    positional = 0
    watches: ClassVar[Literal["layers", "parameters"]]
    value: ClassVar[str]
    measure: ClassVar[str]
