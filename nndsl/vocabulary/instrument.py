"""Instruments: what `record` writes down while a network trains."""

from typing import ClassVar, Literal

from nndsl.vocabulary.builtin import Builtin


class Instrument(Builtin):
    """What is written down about the network before training and after each epoch.

    It looks at every layer, or at every parameter. `value` is what it sees there, whose
    distribution is kept: an expression over `y`, the output of a layer (N, …), or over a parameter
    `p`, its gradient `dp`, and `before`, which the parameter was before the last step. Each
    statement of `measure` makes a number out of the same, and is taken where all that it reads is
    known: `low` and `high` are the bounds of the output of a layer, `W` is a parameter that is a
    weight.
    """

    kind = "instruments"
    positional = 0
    watches: ClassVar[Literal["layers", "parameters"]]
    value: ClassVar[str]
    measure: ClassVar[str]

    shows_distribution: ClassVar[bool] = False  # is it drawn, at the first and the last epoch?
    curve: ClassVar[str]  # the number that is drawn over the epochs
    curve_title: ClassVar[str]
    curve_scale: ClassVar[Literal["log", "share", "linear"]] = "log"
    usual: ClassVar[float | None] = None  # where such a curve runs in many a network
