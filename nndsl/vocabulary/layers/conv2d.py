"""The convolution of images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Layer, Parameter, ShapeError, through_weights
from nndsl.vocabulary.regularizer import Regularizer
from nndsl.vocabulary.signal import Passage, Signal
from nndsl.vocabulary.windows import SLICES, WINDOWS, places, require_images, require_room
from nndsl.vocabulary.word import Count, Shape, Size


class Conv2d(Layer):
    """Filters move over images: at each place a weighted sum of what a filter sees, plus a bias.

    LeCun et al. 1998. Images are channels x height x width, and each filter makes one channel of
    the output. As in PyTorch, filters are not turned over: it is a cross-correlation. The sums of
    all places are one matrix product, of the filters as rows and of what they see as columns
    ("im2col", Chellapilla et al. 2006).
    """

    filters: Size = Field(description="number of filters: the channels of the output")
    kernel: Size = Field(description="height and width of each filter")
    stride: Size = Field(1, description="how far a filter moves from place to place")
    padding: Literal["valid", "same"] | Count = Field(
        "valid",
        description="zeros around the images: none (valid), as many as make the output as large "
        "as the input (same; divided by the stride), or so many on each side",
    )
    groups: Size = Field(
        1, description="parts of the channels, each with filters of its own, which see no others"
    )
    init: Initializer | None = Field(
        None, description="how the weights begin; left out, it follows the next activation"
    )
    bias: bool = Field(True, description="add a bias to every filter")
    bias_init: Initializer | None = Field(None, description="how the biases begin; left out, zeros")
    regularize: Regularizer | None = Field(
        None, description="the penalty on these weights, instead of the one in train"
    )

    positional = 2
    letter = "Z"
    linear = True
    offset = "bias"
    functions = WINDOWS + "\n\n" + SLICES

    @property
    def equation(self) -> str:  # type: ignore[override]
        how = [f"stride {self.stride}"] if self.stride > 1 else []
        how += [f"padding {self.padding}"] if self._pads else []
        how += [f"{self.groups} groups"] if self.groups > 1 else []
        return f"y = conv({', '.join(['x', 'W', *how])}){' + b' * self.bias}"

    @property
    def forward(self) -> str:  # type: ignore[override]
        if self.groups == 1:
            columns, W, b = "N, weights, places", "filters, weights", "b[:, None]"
        else:
            columns, W, b = "N, groups, weights, places", "groups, own, weights", _OWN_BIAS
        added = f" + {b}" if self.bias else ""
        return _lines(
            _PAD if self._pads else "",
            f"seen = windows({self._x}, kernel, stride).reshape({columns})"
            "   # a column for each place",
            f"sums = W.reshape({W}) @ seen{added}   # every filter at every place",
            "y = sums.reshape(N, filters, rows, columns)",
        )

    @property
    def backward(self) -> str:  # type: ignore[override]
        dx = f"d{self._x}"
        if self.groups == 1:
            sums, swapped, W = "N, filters, places", "0, 2, 1", "W.reshape(filters, weights).T"
            db = "dsums.sum(axis=(0, 2))"
        else:
            sums, swapped = "N, groups, own, places", "0, 1, 3, 2"
            W = "W.reshape(groups, own, weights).transpose(0, 2, 1)"
            db = "dsums.sum(axis=(0, 3)).reshape(filters)"
        return _lines(
            f"dsums = dy.reshape({sums})",
            f"products = dsums @ seen.transpose({swapped})   # summed over the places",
            "dW = products.sum(axis=0).reshape(W.shape)   # and over the examples",
            f"db = {db}   # `b` was added at every place" if self.bias else "",
            f"dseen = {W} @ dsums",
            "dspots = dseen.reshape(N, channels, spots, rows, columns)   # by spots of the filter",
            f"{dx} = np.zeros_like({self._x})",
            "for k, place in enumerate(slices(kernel, stride, rows, columns)):",
            f"    {dx}[place] += dspots[:, :, k]   # a number is seen from several places",
            _CROP if self._pads else "",
        )

    @property
    def _pads(self) -> bool:
        return self.padding not in ("valid", 0)

    @property
    def _x(self) -> str:
        return "padded" if self._pads else "x"

    def _around(self, length: int) -> tuple[int, int]:
        """Return how many zeros stand before and behind an axis."""
        if isinstance(self.padding, int):
            return self.padding, self.padding
        if self.padding == "valid":
            return 0, 0
        outputs = -(-length // self.stride)
        zeros = max(0, (outputs - 1) * self.stride + self.kernel - length)
        return zeros // 2, zeros - zeros // 2

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        require_images("conv2d", x)
        channels, *lengths = x
        for what, number in (("channels that come in", channels), ("filters", self.filters)):
            if number % self.groups:
                raise ShapeError(
                    f"`conv2d` has {self.groups} groups, which do not divide the {number} {what}"
                )
        height, width = (sum(self._around(length)) + length for length in lengths)
        require_room(
            "the kernel of `conv2d`",
            self.kernel,
            (height, width),
            " with the zeros around them" if self._pads else "",
            "take a smaller kernel, or padding=same",
        )
        rows, columns = (places(length, self.kernel, self.stride) for length in (height, width))
        return (self.filters, rows, columns)

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        (x,) = inputs
        channels, height, width = x
        filters, rows, columns = self.output_shape(x)
        (top, bottom), (left, right) = self._around(height), self._around(width)
        return {
            **{"filters": filters, "kernel": self.kernel, "stride": self.stride},
            **{"groups": self.groups, "own": filters // self.groups},
            **{"channels": channels, "spots": self.kernel**2},
            "weights": channels // self.groups * self.kernel**2,
            **{"rows": rows, "columns": columns, "places": rows * columns},
            **{"top": top, "bottom": bottom, "left": left, "right": right},
            **{"lowest": top + height, "rightmost": left + width},
        }

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        ((channels, *_),) = inputs
        area = self.kernel**2
        shape = (self.filters, channels // self.groups, self.kernel, self.kernel)
        fans = channels // self.groups * area, self.filters // self.groups * area
        W = Parameter(shape, self.init, *fans, True, self.regularize)
        b = Parameter((self.filters,), self.bias_init or "zeros", *fans)
        return {"W": W, "b": b} if self.bias else {"W": W}

    def passage(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Passage | None:
        found = through_weights(inputs[0], parameters["W"], parameters.get("b"))
        # With a stride, an input is seen from fewer places.
        return found and Passage(found.output, found.gain / self.stride**2)


_PAD = (
    "padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))   # zeros around each image"
)
_CROP = "dx = dpadded[:, :, top:lowest, left:rightmost]"
_OWN_BIAS = "b.reshape(groups, own, 1)"


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)
