"""What convolutions have in common, over images and over time."""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from nndsl.data import Signal
from nndsl.shapes import Shape, divisors
from nndsl.vocabulary.builtin import Count, Size
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Parameter, Propagated, ShapeError, through_weights
from nndsl.vocabulary.regularizer import Regularizer
from nndsl.vocabulary.windows import WindowLayer, lines, require_images, require_signals


class FilterLayer(WindowLayer):
    """A layer of filters: the sums that each makes of the channels have a bias."""

    filters: Size = Field(description="number of filters: the channels of the output")
    kernel: Size = Field(description="the length of a filter along each axis", examples=[3])
    stride: Size = Field(1, description="how far a filter moves from place to place")
    padding: Literal["valid", "same"] | Count = Field(
        "valid",
        description="zeros around the input: none (valid), as many as make the output as large "
        "as the input (same; divided by the stride), or so many on each side",
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
    symbol = "Z"
    linear = True
    offset = "bias"

    over_time: ClassVar[bool] = False  # over signals, and not over images

    @property
    def axes(self) -> int:
        return 1 if self.over_time else 2

    @property
    def step(self) -> int:
        return self.stride

    def require(self, x: Shape) -> None:
        """ShapeError where an example has not the axes of this word."""
        require = require_signals if self.over_time else require_images
        require(self.keyword(), x)


class Convolution(FilterLayer):
    """Filters that move over the axes behind the first, which is that of the channels.

    What a filter sees at a place is a column; then the filters, as rows, times these columns are
    the sums at all places of an image. A word says over how many axes they move, and how columns
    are made. Its `numbers` are those here and those of its axes.

    The optimized form has the examples last in memory: then all places of all of them are columns
    of one product, and numpy runs along neighbours.
    """

    dilation: Size = Field(
        1, description="how far apart the numbers stand that a filter sees; 1: side by side"
    )
    groups: Size = Field(
        1, description="parts of the channels, each with filters of its own, which see no others"
    )
    optimized_outputs: ClassVar[str]  # these lengths as numbers
    optimized_each: ClassVar[str]  # begins a loop over the spots `k` of a filter

    def optimized_sees(self, x: str) -> str:
        """What the filters see in `x`, for each channel and spot; `outputs` and examples last."""
        raise NotImplementedError

    def optimized_spot(self, x: str) -> str:
        """The part of `x` that spot `k` of a filter sees at all its places."""
        raise NotImplementedError

    def outputs(self, x: str) -> str:
        """The lengths of the output, behind the channels, where `x` is what the filters see."""
        raise NotImplementedError

    def columns(self, x: str) -> str:
        """The statements that make `cols` of `x`."""
        raise NotImplementedError

    def images(self, dx: str, x: str) -> str:
        """The statements that make `dx` of `dcols`, where the filters saw `x`."""
        raise NotImplementedError

    @property
    def equation(self) -> str:  # type: ignore[override]
        how = [f"stride {self.stride}"] if self.stride > 1 else []
        how += [f"padding {self.padding}"] if self.pads else []
        how += [f"dilation {self.dilation}"] if self.dilation > 1 else []
        how += [f"{self.groups} groups"] if self.groups > 1 else []
        return f"y = conv({', '.join(['x', 'W', *how])}){' + b' * self.bias}"

    @property
    def forward(self) -> str:  # type: ignore[override]
        x = "padded" if self.pads else "x"
        filters, parts, seen, b = "W.reshape(len(W), -1)", "", "cols", "b[:, None]"
        if self.groups > 1:
            filters, seen, b = "grouped", "parts", "b.reshape(groups, -1, 1)"
            parts = """
                grouped = W.reshape(groups, len(W) // groups, -1)   # filters, and what they see
                parts = cols.reshape(len(x), groups, grouped.shape[2], cols.shape[2])
            """
        pad = f"padded = np.pad(x, ((0, 0), (0, 0), {self.margins}))   # zeros around each"
        added = f" + {b}" * self.bias
        return lines(
            pad if self.pads else "",
            self.columns(x),
            parts,
            f"{self._sums} = {filters} @ {seen}{added}   # of each image, at every place",
            f"y = sums.reshape(len(x), len(W), {self.outputs(x)})" if self._sums == "sums" else "",
        )

    @property
    def backward(self) -> str:  # type: ignore[override]
        dsums, x = f"d{self._sums}", "padded" if self.pads else "x"
        if self.groups == 1:
            seen, db = "cols.transpose(0, 2, 1)", "sum(axis=(0, 2))"
            dcols = f"W.reshape(len(W), -1).T @ {dsums}"
        else:
            seen, db = "parts.transpose(0, 1, 3, 2)", "sum(axis=(0, 3)).reshape(len(W))"
            dcols = f"(grouped.transpose(0, 2, 1) @ {dsums}).reshape(cols.shape)"
        products = f"({dsums} @ {seen}).sum(axis=0)"
        return lines(
            "dsums = dy.reshape(sums.shape)" if self._sums == "sums" else "",
            f"dW = {products}.reshape(W.shape)   # summed over all places",
            f"db = {dsums}.{db}   # `b` was added at every place" if self.bias else "",
            f"dcols = {dcols}",
            self.images(f"d{x}", x),
            self.crop if self.pads else "",
        )

    @property
    def optimized_forward(self) -> str:  # type: ignore[override]
        if self.dilation > 1:
            return ""
        W, columns, b = "filters, taps", "taps", "b[:, None]"
        if self.groups > 1:
            W, columns, b = "groups, own, taps", "groups, taps", "b.reshape(groups, own, 1)"
        pad = f"padded = np.pad(moved, ((0, 0), {self.margins}, (0, 0)))   # zeros around each"
        seen = self.optimized_sees(self._moved)
        return lines(
            f"moved = np.ascontiguousarray(x.transpose({self._last}))   # the examples last",
            pad if self.pads else "",
            f"seen = {seen}.reshape({columns}, area * N)   # a column for each place",
            f"sums = W.reshape({W}) @ seen{f' + {b}' * self.bias}   # every filter at every place",
            f"y = sums.reshape(filters, {self.optimized_outputs}, N).transpose({self._first})",
        )

    @property
    def optimized_backward(self) -> str:  # type: ignore[override]
        if self.dilation > 1:
            return ""
        dx = "dpadded" if self.pads else "dx"
        if self.groups == 1:
            sums, seen, W = "filters", "seen.T", "W.reshape(filters, taps).T"
            db = "sum(axis=1)"
        else:
            sums, seen = "groups, own", "seen.transpose(0, 2, 1)"
            W = "W.reshape(groups, own, taps).transpose(0, 2, 1)"
            db = "sum(axis=2).reshape(filters)"
        spots = f"channels, spots, {self.optimized_outputs}, N"
        first = ", ".join(map(str, (self.axes + 2, *range(self.axes + 2))))
        return lines(
            f"dsums = dy.transpose({self._last}).reshape({sums}, -1)",
            f"dW = (dsums @ {seen}).reshape(W.shape)   # summed over all places",
            f"db = dsums.{db}   # `b` was added at every place" if self.bias else "",
            f"dseen = {W} @ dsums",
            f"dspots = dseen.reshape({spots}).transpose({first})   # by spots of the filter",
            f"{dx} = np.zeros_like({self._moved}).transpose({self._first})",
            self.optimized_each.format(dx=dx)
            + f"\n    {self.optimized_spot(dx)} += dspots[:, :, k]   # seen from several places",
            self.crop if self.pads else "",
        )

    @property
    def span(self) -> int:
        return self.dilation * (self.kernel - 1) + 1

    @property
    def _moved(self) -> str:
        return "padded" if self.pads else "moved"

    @property
    def _last(self) -> str:
        """The order of axes that moves the examples to the end."""
        return ", ".join(map(str, (*range(1, self.axes + 2), 0)))

    @property
    def _first(self) -> str:
        """The order of axes that moves them back."""
        return ", ".join(map(str, (self.axes + 1, *range(self.axes + 1))))

    @property
    def _sums(self) -> str:
        """The sums at all places: of signals, they are the output as they stand."""
        return "y" if self.axes == self.groups == 1 else "sums"

    def require_room(self, lengths: Sequence[int], padded: str) -> None:
        """ShapeError where a filter is longer than an axis with its zeros."""
        raise NotImplementedError

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        self.require(x)
        channels, *lengths = x
        for what, number in (("channels that come in", channels), ("filters", self.filters)):
            if number % self.groups:
                raise ShapeError(
                    f"`{self.keyword()}` has {self.groups} groups, "
                    f"which do not divide the {number} {what}",
                    f"of numbers nearby, {divisors(number, self.groups)} would; "
                    "they must divide the channels and the filters",
                )
        lengths = [length + sum(self.around(length)) for length in lengths]
        self.require_room(lengths, " with the zeros around them" if self.pads else "")
        return (self.filters, *self.outputs_of(x))

    def left_out(self, *inputs: Shape) -> str:
        ((_, *lengths),) = inputs
        said = self.unseen(inputs[0])
        moves = f"a kernel of {self.kernel}, moved by {self.stride}, does not end there"
        return said and f"{said} of {' x '.join(map(str, lengths))}: {moves}"

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        ((channels, *_),) = inputs
        filters, *outputs = self.output_shape(*inputs)
        return {
            **{"filters": filters, "kernel": self.kernel, "stride": self.stride},
            **{"groups": self.groups, "own": filters // self.groups, "channels": channels},
            **{"spots": self.kernel**self.axes, "area": math.prod(outputs)},
            **{"dilation": self.dilation, **self.padding_numbers(inputs[0])},
            "taps": channels // self.groups * self.kernel**self.axes,
        }

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        ((channels, *_),) = inputs
        spots = self.kernel**self.axes
        shape = (self.filters, channels // self.groups, *(self.kernel for _ in range(self.axes)))
        fans = channels // self.groups * spots, self.filters // self.groups * spots
        W = Parameter(shape, self.init, *fans, True, self.regularize)
        b = Parameter((self.filters,), self.bias_init or "zeros", *fans)
        return {"W": W, "b": b} if self.bias else {"W": W}

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated | None:
        found = through_weights(inputs[0], parameters["W"], parameters.get("b"))
        # With a stride, an input is seen from fewer places.
        return found and Propagated(found.output, found.gain / self.stride**self.axes)
