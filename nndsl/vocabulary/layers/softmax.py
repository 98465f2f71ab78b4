"""The softmax."""

from nndsl.shapes import Shape
from nndsl.vocabulary.layer import Layer, Window


class Softmax(Layer):
    """y = exp(x) / sum(exp(x)) over the last axis: scores become probabilities. Bridle 1990.

    A network that ends in `softmax_cross_entropy` has no need of it: the loss applies its own.
    """

    bounds = (0.0, 1.0)
    symbol = "P"
    nonlinear = True
    equation = "y = softmax(x)"
    forward = "y = softmax(x)"

    def windows(self, *inputs: Shape) -> tuple[Window, ...] | None:
        return () if len(inputs[0]) == 1 else None  # the last axis is one of places
