"""Clipping: a bound on the gradient."""

from typing import ClassVar

from nndsl.vocabulary.builtin import Builtin


class Clip(Builtin):
    """A bound on the gradient before the optimizer sees it.

    `apply` makes a new dictionary `gradients` out of the one that is there, whose arrays stay
    as they are.
    """

    kind = "clips"
    apply: ClassVar[str]
    bound: ClassVar[str] = ""  # the field that bounds the gradient
