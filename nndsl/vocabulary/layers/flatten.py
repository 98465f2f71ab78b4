"""Images to rows."""

import math

from nndsl.shapes import Shape
from nndsl.vocabulary.layer import Layer


class Flatten(Layer):
    """Each example becomes one row of numbers, in the order of its last axis first (row-major)."""

    called = ("ravel",)

    linear = True
    sees_positions = True
    symbol = "F"
    equation = "y = x as rows"
    forward = "y = x.reshape(N, -1)"
    optimized_backward = """
        dx = np.empty_like(x)   # laid out in memory as `x` is
        dx[...] = dy.reshape(x.shape)
    """

    def output_shape(self, *inputs: Shape) -> Shape:
        return (math.prod(inputs[0]),)
