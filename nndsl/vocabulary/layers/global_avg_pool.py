"""The mean of each channel."""

from __future__ import annotations

from typing import Self

from pydantic import PrivateAttr

from nndsl.shapes import Shape, describe
from nndsl.vocabulary.layer import Layer, ShapeError


class GlobalAvgPool(Layer):
    """The mean of each channel over all its places: an image becomes a row. Lin et al. 2013.

    Whatever the size of the images, the layers behind it see as many numbers as there are
    channels.
    """

    called = ("global_average_pooling", "global_average_pooling2d", "adaptive_avg_pool2d")

    positional = 0
    linear = True
    symbol = "P"
    equation = "y = mean of each channel of x"
    _axes: int = PrivateAttr(2)  # of places

    @property
    def forward(self) -> str:  # type: ignore[override]
        axes = "2" if self._axes == 1 else f"({', '.join(map(str, range(2, 2 + self._axes)))})"
        return f"y = x.mean(axis={axes})"

    @property
    def backward(self) -> str:  # type: ignore[override]
        return f"""
            share = dy / math.prod(x.shape[2:])   # each place has an equal part
            dx = np.broadcast_to(share[:, :{", None" * self._axes}], x.shape)
        """

    def for_shapes(self, *inputs: Shape) -> Self:
        placed = self.model_copy()
        placed._axes = len(inputs[0]) - 1
        return placed

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        if len(x) < 2:
            raise ShapeError(
                f"`{self.keyword()}` takes the mean of each channel over its places, "
                f"and gets {describe(x)}",
                "put it behind layers whose output has channels, as images have",
            )
        return x[:1]
