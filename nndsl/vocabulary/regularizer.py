"""Regularizers: a penalty on the weights, added to the loss."""

from typing import ClassVar

from nndsl.vocabulary.builtin import Builtin, Derived


class Regularizer(Builtin):
    """A penalty on weights (never on biases or the parameters of a normalisation).

    `forward` writes `penalty` from `weights`, a tuple of all weights that it applies to;
    `backward` writes `dw` from one of them, `w`; left out, it is derived.
    """

    kind = "regularizers"
    forward: ClassVar[str]
    backward: ClassVar[str] = Derived()
    decays: ClassVar[str] = ""  # the field whose product with a weight is all of its gradient
    equation: ClassVar[str]  # what it adds to the loss, for the head of the script
