"""Larger images, longer signals."""

from collections.abc import Mapping, Sequence

from pydantic import Field, PrivateAttr

from nndsl.data import Signal
from nndsl.shapes import Channels, Shape
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.layer import Layer, Parameter, Propagated, Window
from nndsl.vocabulary.windows import SLICES, require_images_or_signals


class Upsample(Layer):
    """Each number of an image becomes a square of its copies ("nearest neighbour").

    Of a signal each step becomes several equal ones.
    """

    called = ("upsampling", "upsampling1d", "upsampling2d", "up_sampling1d", "up_sampling2d")

    factor: Size = Field(
        description="how many times as high and as wide the images become, or as long the signals",
        examples=[2],
    )

    linear = True
    symbol = "U"
    _axes_of_input: int = PrivateAttr(3)

    @property
    def functions(self) -> str:  # type: ignore[override]
        return SLICES if self.axes_of_input == 3 else ""

    @property
    def forward(self) -> str:  # type: ignore[override]
        return (
            f"y = x.repeat(factor, axis=2){'.repeat(factor, axis=3)' * (self.axes_of_input == 3)}"
        )

    @property
    def backward(self) -> str:  # type: ignore[override]
        if self.axes_of_input == 2:
            return "dx = dy.reshape(*x.shape, factor).sum(axis=3)   # all copies"
        return "dx = sum(dy[copy] for copy in slices(dy.shape, factor, factor))   # all copies"

    @property
    def equation(self) -> str:  # type: ignore[override]
        by = " by ".join([str(self.factor)] * (self.axes_of_input - 1))
        return f"y = x, {by} of each number"

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        require_images_or_signals("upsample", x)
        channels, *lengths = x
        made = (channels, *(length * self.factor for length in lengths))
        return made if len(lengths) == 2 else Channels(made)

    def windows(self, *inputs: Shape) -> tuple[Window, ...]:
        return (Window(copies=self.factor),) * (len(inputs[0]) - 1)

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        return {"factor": self.factor}

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated:
        return Propagated(inputs[0], float(self.factor ** (self.axes_of_input - 1)))
