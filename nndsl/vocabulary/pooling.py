"""What the layers have in common that make one number of each window of an image."""

from __future__ import annotations

from pydantic import Field

from nndsl.shapes import Shape
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.layer import Layer, Window
from nndsl.vocabulary.windows import SLICES, places, require_images, require_room, unseen


class Pooling(Layer):
    """One number for each place of a window that moves over each channel alone."""

    kernel: Size = Field(description="height and width of the window", examples=[2])
    stride: Size | None = Field(
        None,
        description="how far the window moves from place to place; left out, as far as it is wide",
    )

    positional = 2
    symbol = "P"
    functions = SLICES

    @property
    def overlaps(self) -> bool:
        """Does a number stand in several windows?"""
        return self.step < self.kernel

    @property
    def step(self) -> int:
        """How far the window moves."""
        return self.stride or self.kernel

    @property
    def area(self) -> str:
        """The window in the words of an equation."""
        moves = f", stride {self.step}" if self.step != self.kernel else ""
        return f"{self.kernel} by {self.kernel}{moves}"

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        require_images(self.keyword(), x)
        channels, height, width = x
        require_room(
            f"the window of `{self.keyword()}`",
            self.kernel,
            (height, width),
            "",
            "take a smaller one",
        )
        return (channels, *(places(length, self.kernel, self.step) for length in (height, width)))

    def windows(self, *inputs: Shape) -> tuple[Window, ...]:
        return (Window(self.kernel, self.step),) * 2

    def left_out(self, *inputs: Shape) -> str:
        ((_, height, width),) = inputs
        rests = {
            axis: (length - self.kernel) % self.step - max(0, self.step - self.kernel)
            for axis, length in (("row", height), ("column", width))
        }
        said = unseen(rests)
        moves = "" if self.step == self.kernel else f", moved by {self.step},"
        window = f"windows of {self.kernel} x {self.kernel}{moves}"
        return said and f"{said} of {height} x {width}: {window} do not fill them"

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        return {"kernel": self.kernel, "stride": self.step}
