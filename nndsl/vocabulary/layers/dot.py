"""The scalar product of two rows."""

from nndsl.shapes import Shape
from nndsl.vocabulary.joining import require_same
from nndsl.vocabulary.layer import Layer


class Dot(Layer):
    """The scalar product of two rows, one number for each example: `dot(a, b)`.

    Of a user and a film, how well they suit each other: Koren, Bell and Volinsky 2009, eq. 1.
    """

    called = ("inner_product", "matmul", "scalar_product")

    required_inputs = ("x1", "x2")
    symbol = "S"
    equation = "y = sum(x1 x2)"
    forward = "y = (x1 * x2).sum(axis=1, keepdims=True)   # a number for each row"

    @classmethod
    def roles(cls) -> tuple[str, ...]:
        return ()  # both rows are alike: neither has a name

    def output_shape(self, *inputs: Shape) -> Shape:
        require_same(self.keyword(), inputs)
        self.require_row(inputs[0])
        return (1,)
