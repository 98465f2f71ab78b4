"""The mean of each channel."""

from pydantic import PrivateAttr

from nndsl.shapes import Shape, describe
from nndsl.vocabulary.layer import Layer, ShapeError


class GlobalAvgPool(Layer):
    """The mean of each channel over all its places: an image becomes a row. Lin et al. 2013.

    Whatever the size of the images, the layers behind it see as many numbers as there are
    channels.
    """

    called = ("global_average_pooling", "global_average_pooling2d", "adaptive_avg_pool2d")

    linear = True
    symbol = "P"
    equation = "y = mean of each channel of x"
    _axes_of_input: int = PrivateAttr(3)

    @property
    def forward(self) -> str:  # type: ignore[override]
        axes = ", ".join(map(str, range(2, self.axes_of_input + 1)))
        return f"y = x.mean(axis={axes if self.axes_of_input == 2 else f'({axes})'})"

    @property
    def backward(self) -> str:  # type: ignore[override]
        return f"""
            share = dy / math.prod(x.shape[2:])   # each place has an equal part
            dx = np.broadcast_to(share[:, :{", None" * (self.axes_of_input - 1)}], x.shape)
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
