"""Channels that become pixels."""

from pydantic import Field

from nndsl.shapes import Shape
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.layer import Layer, ShapeError, Window
from nndsl.vocabulary.windows import require_images


class DepthToSpace(Layer):
    """Of factor^2 channels each place becomes a square of pixels, factor by factor, of one channel.

    The last layer of a network that makes images larger: Shi et al. 2016. Channels are in
    PyTorch's order (pixel_shuffle): those of the first output channel come first.
    """

    called = ("pixel_shuffle", "pixelshuffle", "subpixel", "sub_pixel")

    factor: Size = Field(
        description="how many times as high and as wide the images become", examples=[2]
    )

    linear = True
    keeps_signal = True
    symbol = "U"
    forward = """
        squares = x.reshape(N, channels, factor, factor, height, width)   # of each place
        y = squares.transpose(0, 1, 4, 2, 5, 3).reshape(N, channels, tall, wide)
    """
    backward = """
        from_places = dy.reshape(N, channels, height, factor, width, factor)
        dsquares = from_places.transpose(0, 1, 3, 5, 2, 4)   # every number to its place
        dx = dsquares.reshape(x.shape)
    """

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"y = x, its depth as blocks of {self.factor} by {self.factor}"

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        require_images("depth_to_space", x)
        channels, height, width = x
        square = self.factor**2
        if channels % square:
            raise ShapeError(
                f"`depth_to_space({self.factor})` makes one channel of {square}, and {channels} "
                "channels come in",
                f"give the layer before it a multiple of {square} filters",
            )
        return (channels // square, height * self.factor, width * self.factor)

    def windows(self, *inputs: Shape) -> tuple[Window, ...]:
        return (Window(copies=self.factor),) * 2

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        _, height, width = inputs[0]
        channels, tall, wide = self.output_shape(*inputs)
        return {
            **{"factor": self.factor, "channels": channels},
            **{"height": height, "width": width, "tall": tall, "wide": wide},
        }
