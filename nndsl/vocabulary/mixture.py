"""Batches whose examples are mixed."""

from typing import ClassVar

from nndsl.vocabulary.builtin import Builtin


class Mixture(Builtin):
    """How the examples of a batch are mixed before each step of training, targets alike.

    `draw` draws what the arrays of a batch have in common, for its N examples; `mixed` is the
    expression of what becomes of each array `a` of numbers.
    """

    kind = "mixtures"
    draw: ClassVar[str]
    mixed: ClassVar[str]
