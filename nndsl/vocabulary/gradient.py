"""Gradients: how the slope of the loss is found, where it is not by backpropagation."""

from typing import ClassVar

from nndsl.vocabulary.builtin import Builtin


class Gradient(Builtin):
    """A way to find the gradient of the loss that needs no backward pass.

    `estimate` writes `g`, the gradient of `total(X, t)` with respect to the parameter `p`, an array
    of its shape. It may change `p` while it works, and leaves it as it was. It may read the
    word's own fields.
    """

    kind = "gradients"
    method: ClassVar[str]  # what the script says of it: "by central differences"
    estimate: ClassVar[str]
    needs_float64: ClassVar[str] = ""  # why float32 is too coarse for it
