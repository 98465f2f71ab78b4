"""One row at every position."""

from pydantic import Field

from nndsl.shapes import SequenceShape, Shape
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.layer import Layer


class RepeatVector(Layer):
    """y[t] = x: a row of features at each of so many positions, as what each step shall know."""

    called = ("to_positions", "broadcast", "tile", "expand")

    positions: Size = Field(description="how many positions there are")

    positional = 1
    linear = True
    sees_positions = True
    symbol = "S"
    equation = "y = x at every position"
    forward = "y = np.repeat(x, positions, axis=0)"
    backward = (
        "dx = dy.reshape(-1, positions, dy.shape[1]).sum(axis=1)   # it went to every position"
    )

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        self.require_row(x)
        return SequenceShape((self.positions, *x))
