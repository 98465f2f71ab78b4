"""Squares of an image as positions."""

import math

from pydantic import Field

from nndsl.shapes import SequenceShape, Shape, divisors
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.layer import Layer, ShapeError
from nndsl.vocabulary.windows import require_images


class Patches(Layer):
    """An image is cut into squares, and each becomes a position: a row of all its numbers.

    `dense` behind it makes the tokens of a vision transformer (Dosovitskiy et al. 2021). With
    `patches(1)` every pixel is a position, and its channels are the features: behind them a loss
    has a target for each pixel.
    """

    called = ("patch", "patchify", "patch_embedding", "extract_patches", "unfold", "pixels")

    size: Size = Field(description="height and width of a patch, in pixels", examples=[4])

    linear = True
    keeps_signal = True
    symbol = "S"

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"y = x, squares of {self.size} by {self.size} as positions"

    @property
    def forward(self) -> str:  # type: ignore[override]
        if self.size == 1:
            return "y = x.transpose(0, 2, 3, 1).reshape(-1, features)   # a row for each pixel"
        return """
            grid = x.reshape(N, channels, rows, size, columns, size)   # of patches
            y = grid.transpose(0, 2, 4, 1, 3, 5).reshape(-1, features)   # a row for each
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        if self.size == 1:
            return "dx = dy.reshape(-1, rows, columns, channels).transpose(0, 3, 1, 2)"
        return """
            dgrid = dy.reshape(N, rows, columns, channels, size, size).transpose(0, 3, 1, 4, 2, 5)
            dx = dgrid.reshape(x.shape)
        """

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        require_images("patches", x)
        channels, height, width = x
        if height % self.size or width % self.size:
            length = height if height % self.size else width
            raise ShapeError(
                f"patches of {self.size} x {self.size} do not fill images that are {height} high "
                f"and {width} wide",
                f"of sizes nearby, {divisors(length, self.size)} would divide {length}",
            )
        places = height // self.size * (width // self.size)
        return SequenceShape((places, channels * self.size**2))

    def windows(self, *inputs: Shape) -> None:
        return None

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        channels, height, width = inputs[0]
        rows, columns = height // self.size, width // self.size
        return {
            **{"size": self.size, "channels": channels, "rows": rows, "columns": columns},
            "features": math.prod(inputs[0]) // (rows * columns),
        }
