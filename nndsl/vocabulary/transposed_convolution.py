"""What transposed convolutions have in common, over images and over time."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from nndsl.data import Signal
from nndsl.shapes import Channels, Shape, count
from nndsl.vocabulary.builtin import Count
from nndsl.vocabulary.convolution import FilterLayer
from nndsl.vocabulary.layer import Parameter, Propagated, ShapeError, Window, through_weights
from nndsl.vocabulary.windows import lines


class TransposedConvolution(FilterLayer):
    """Filters that are put down, multiplied by a number of the input, and summed where they meet.

    It does what a convolution does to gradients on the way back, and the other way round. A word
    says how columns become its output, and how they are read from it.
    """

    padding: Literal["valid", "same"] | Count = Field(
        "valid",
        description="what is cut off the output: nothing (valid), as much as leaves stride times "
        "the input (same), or so much on each side",
    )

    def put_down(self) -> str:
        """The statements that make `spread`, the output before the cut."""
        raise NotImplementedError

    def pick_up(self, dspread: str) -> str:
        """The statements that make `dW` and `dx` of the gradient of `spread`."""
        raise NotImplementedError

    @property
    def equation(self) -> str:  # type: ignore[override]
        how = [f"stride {self.stride}"] if self.stride > 1 else []
        how += [f"padding {self.padding}"] if self.pads else []
        return f"y = conv^T({', '.join(['x', 'W', *how])}){' + b' * self.bias}"

    @property
    def forward(self) -> str:  # type: ignore[override]
        b = f" + b[:{', None' * self.axes}]" if self.bias else ""
        cut = f"[:, :, {self._kept}]" if self.pads else ""
        why = "   # without what stands over" if cut else ""
        return lines(
            self.put_down(),
            f"y = spread{cut}{b}{why}",
        )

    @property
    def backward(self) -> str:  # type: ignore[override]
        axes = f"({', '.join(map(str, (0, *range(2, self.axes + 2))))})"
        pad = (
            f"dspread = np.pad(dy, ((0, 0), (0, 0), {self.margins}))   # what was cut off counts 0"
        )
        return lines(
            f"db = dy.sum(axis={axes})   # `b` was added at every place" if self.bias else "",
            pad if self.pads else "",
            self.pick_up("dspread" if self.pads else "dy"),
        )

    @property
    def pads_evenly(self) -> bool:
        return isinstance(self.padding, int) or (self.kernel - self.stride) % 2 == 0

    @property
    def _kept(self) -> str:
        """What of `spread` is the output, as an index of its places."""
        if self.pads_evenly:
            return ", ".join(["pad:-pad"] * self.axes)
        return ", ".join(
            f"{before}:{before} + stride * x.shape[{at}]"
            for at, (before, _) in enumerate(self.ends, 2)
        )

    def around(self, length: int) -> tuple[int, int]:
        """Return how much is cut off before and behind an axis."""
        if self.padding == "same":
            total = self.kernel - self.stride
            return total // 2, total - total // 2
        return (0, 0) if self.padding == "valid" else (self.padding, self.padding)

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        self.require(x)
        if self.padding == "same" and self.kernel < self.stride:
            raise ShapeError(
                f"filters of `{self.keyword()}` that are {self.kernel} long and put down "
                f"{self.stride} apart leave gaps: they do not fill what padding=same asks for",
                "take a kernel at least as long as the stride",
            )
        spread = [self.stride * (length - 1) + self.kernel for length in x[1:]]
        outputs = [length - sum(self.around(length)) for length in spread]
        if min(outputs) < 1:
            raise ShapeError(
                f"`{self.keyword()}` makes {count(min(spread), 'number')} along an axis, and "
                f"padding={self.padding} cuts off {2 * int(self.padding)}: nothing is left",
                "cut off less",
            )
        made = (self.filters, *outputs)
        return made if self.axes == 2 else Channels(made)

    def windows(self, *inputs: Shape) -> tuple[Window, ...]:
        before, _ = self.around(1)
        seen = -(-self.kernel // self.stride)
        ahead = -(-(self.kernel - before) // self.stride) - 1
        return (Window(seen, before=ahead, copies=self.stride),) * self.axes

    def multiplications(self, *inputs: Shape) -> int:
        (x,) = inputs  # every weight is used at every place of the input
        return math.prod((*x, self.filters, *[self.kernel] * self.axes))

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        return {
            **{"filters": self.filters, "kernel": self.kernel, "stride": self.stride},
            **self.padding_numbers(inputs[0]),
        }

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        ((channels, *_),) = inputs
        spots, apart = self.kernel**self.axes, self.stride**self.axes
        # Of the spots of a filter, one in stride by stride meets a number of the output.
        fans = max(1, channels * spots // apart), self.filters * spots
        shape = (channels, self.filters, *[self.kernel] * self.axes)
        W = Parameter(shape, self.init, *fans, True, self.regularize)
        b = Parameter((self.filters,), self.bias_init or "zeros", *fans)
        return {"W": W, "b": b} if self.bias else {"W": W}

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated | None:
        return through_weights(inputs[0], parameters["W"], parameters.get("b"))
