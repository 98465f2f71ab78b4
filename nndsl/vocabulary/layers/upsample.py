"""Larger images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from nndsl.data import Signal
from nndsl.shapes import Shape
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.layer import Layer, Parameter, Propagated, Window
from nndsl.vocabulary.windows import SLICES, require_images


class Upsample(Layer):
    """Each number of an image becomes a square of its copies ("nearest neighbour")."""

    called = ("upsampling", "upsampling2d", "up_sampling2d")

    factor: Size = Field(
        description="how many times as high and as wide the images become", examples=[2]
    )

    linear = True
    symbol = "U"
    functions = SLICES
    forward = "y = x.repeat(factor, axis=2).repeat(factor, axis=3)"
    backward = "dx = sum(dy[copy] for copy in slices(dy.shape, factor, factor))   # all copies"

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"y = x, {self.factor} by {self.factor} of each number"

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        require_images("upsample", x)
        channels, height, width = x
        return (channels, height * self.factor, width * self.factor)

    def windows(self, *inputs: Shape) -> tuple[Window, ...]:
        return (Window(copies=self.factor),) * 2

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        return {"factor": self.factor}

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated:
        return Propagated(inputs[0], float(self.factor**2))
