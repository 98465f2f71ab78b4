"""What the layers have in common that make one number of each window of an image or a signal."""

from typing import Literal

from pydantic import Field

from nndsl.shapes import Channels, Shape
from nndsl.vocabulary.builtin import Count, Size
from nndsl.vocabulary.layer import ShapeError
from nndsl.vocabulary.windows import SLICES, WindowLayer, require_images_or_signals, require_room


class Pooling(WindowLayer):
    """One number for each place of a window that moves over each channel alone."""

    kernel: Size = Field(
        description="height and width of the window, or of a signal its length", examples=[2]
    )
    stride: Size | None = Field(
        None,
        description="how far the window moves from place to place; left out, as far as it is wide",
    )
    padding: Literal["valid", "same"] | Count = Field(
        "valid",
        description="room around the input: none (valid), as much as makes the output as large "
        "as the input (same; divided by the stride), or so much on each side",
    )

    positional = 2
    symbol = "P"

    @property
    def functions(self) -> str:  # type: ignore[override]
        return SLICES if self.axes == 2 else ""

    @property
    def step(self) -> int:
        return self.stride or self.kernel

    @property
    def overlaps(self) -> bool:
        """Does a number stand in several windows?"""
        return self.step < self.kernel

    @property
    def area(self) -> str:
        """The window in the words of an equation."""
        moves = f", stride {self.step}" if self.step != self.kernel else ""
        moves += f", padding {self.padding}" if self.pads else ""
        return f"{' by '.join([str(self.kernel)] * self.axes)}{moves}"

    @property
    def x(self) -> str:
        """What the window moves over: the input, or that with padding around it."""
        return "padded" if self.pads else "x"

    @property
    def spots(self) -> str:
        """What each spot of the window sees at all places, as an iterable of indices."""
        return f"slices({self.x}.shape, kernel, stride)" if self.axes == 2 else "steps"

    @property
    def find_spots(self) -> str:
        """The statements that make `spots`, if that takes any."""
        if self.axes == 2:
            return ""
        return f"""
            places = ({self.x}.shape[2] - kernel) // stride + 1   # of the window
            steps = [np.s_[:, :, k:k + stride * places:stride] for k in range(kernel)]
        """

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        word = f"`{self.keyword()}`"
        require_images_or_signals(self.keyword(), x)
        if isinstance(self.padding, int) and self.padding >= self.kernel:
            raise ShapeError(
                f"the padding of {word} is {self.padding}, and its window {self.kernel} wide: "
                "at the ends it would see nothing but padding",
                "take less padding, or a larger window",
            )
        lengths = [length + sum(self.around(length)) for length in x[1:]]
        if len(x) == 3:
            size = lengths[0], lengths[1]
            require_room(f"the window of {word}", self.kernel, size, "", "take a smaller one")
        elif self.kernel > lengths[0]:
            raise ShapeError(
                f"the window of {word} is {self.kernel} long, and its signals have {x[1]} steps: "
                "it fits nowhere",
                "take a smaller one",
            )
        outputs = (x[0], *self.outputs_of(x))
        return outputs if len(x) == 3 else Channels(outputs)

    def left_out(self, *inputs: Shape) -> str:
        (x,) = inputs
        said = self.unseen(x)
        moves = "" if self.step == self.kernel else f", moved by {self.step},"
        window = f"windows of {' x '.join([str(self.kernel)] * self.axes)}{moves}"
        return said and f"{said} of {' x '.join(map(str, x[1:]))}: {window} do not fill them"

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        return {"kernel": self.kernel, "stride": self.step, **self.padding_numbers(inputs[0])}
