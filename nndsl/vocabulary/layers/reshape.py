"""Another shape for the same numbers."""

import math

from pydantic import Field

from nndsl.ir.symbols import code
from nndsl.shapes import Shape
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.layer import Layer, ShapeError


class Reshape(Layer):
    """The numbers of each example in another shape, in row-major order: `reshape(1, 8, 8)`."""

    shape: tuple[Size, ...] = Field(
        description="the lengths of the new axes; their product stays the same", min_length=1
    )

    variadic = "shape"
    linear = True
    keeps_order = True
    sees_positions = True
    symbol = "F"

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"y = x as ({', '.join(map(code, self.shape))})"

    @property
    def forward(self) -> str:  # type: ignore[override]
        return f"y = x.reshape(N, {', '.join(map(code, self.shape))})"

    backward = "dx = dy.reshape(x.shape)"

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        old, new = math.prod(x), math.prod(self.shape)
        if old != new:
            raise ShapeError(
                f"`reshape` makes {_product(self.shape, new)} numbers of each example, "
                f"and here each example has {_product(x, old)}",
                f"choose lengths whose product is {old}",
            )
        return self.shape


def _product(shape: Shape, total: int) -> str:
    """`1 x 8 x 8 = 64`, and a single axis as its length."""
    return f"{' x '.join(map(str, shape))} = {total}" if len(shape) > 1 else str(total)
