"""The mean of each channel."""

from __future__ import annotations

import math

from nndsl.shapes import Shape, describe
from nndsl.vocabulary.layer import Layer, ShapeError


class GlobalAvgPool(Layer):
    """The mean of each channel over all its places: an image becomes a row. Lin et al. 2013.

    Whatever the size of the images, the layers behind it see as many numbers as there are
    channels.
    """

    positional = 0
    linear = True
    symbol = "P"
    equation = "y = mean of each channel of x"
    forward = "y = x.reshape(N, channels, places).mean(axis=2)"
    backward = """
        share = dy / places   # each place has the same part in the mean
        dx = share.repeat(places, axis=1).reshape(x.shape)
    """

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        if len(x) < 2:
            raise ShapeError(
                f"`{self.keyword()}` takes the mean of each channel over its places, "
                f"and gets {describe(x)}",
                "put it behind layers whose output has channels, as images have",
            )
        return x[:1]

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        ((channels, *lengths),) = inputs
        return {"channels": channels, "places": math.prod(lengths)}
