"""Branches side by side."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Self

from pydantic import PrivateAttr

from nndsl.data import Signal
from nndsl.ir.symbols import code
from nndsl.shapes import Channels, Shape, describe, differences, shared_axes
from nndsl.vocabulary.joining import Joining
from nndsl.vocabulary.layer import Layer, Parameter, Propagated, ShapeError


class Join(Layer):
    """Several values side by side, along the first axis of an example."""

    symbol = "C"

    _lengths: tuple[int, ...] = PrivateAttr((1, 1))  # on that axis

    @classmethod
    def keyword(cls) -> str:
        return Concat.keyword()

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(f"x{number}" for number in range(1, len(self._lengths) + 1))

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"y = [{', '.join(self.inputs)}]"

    @property
    def forward(self) -> str:  # type: ignore[override]
        return f"y = np.concatenate([{', '.join(self.inputs)}], axis=1)   # side by side"

    @property
    def backward(self) -> str:  # type: ignore[override]
        ends = [0, *accumulate(self._lengths)]
        return "\n".join(
            f"d{x} = dy[:, {code(start)}:{code(end)}]"
            for x, start, end in zip(self.inputs, ends, ends[1:], strict=False)
        )

    def for_shapes(self, *inputs: Shape) -> Self:
        placed = super().for_shapes(*inputs)
        placed._lengths = tuple(shape[0] for shape in inputs)
        return placed

    def output_shape(self, *inputs: Shape) -> Shape:
        first = inputs[0]
        for other in inputs:
            if other[1:] != first[1:]:
                raise _misfit(first, other)
        joined = (sum(self._lengths), *first[1:])
        return Channels(joined) if isinstance(first, Channels) else joined

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated:
        shares = [length / sum(self._lengths) for length in self._lengths]
        mean = sum(share * x.mean for share, x in zip(shares, inputs, strict=True))
        power = sum(share * x.power for share, x in zip(shares, inputs, strict=True))
        return Propagated(Signal(mean, power - mean * mean), 1.0)


def _misfit(first: Shape, other: Shape) -> ShapeError:
    names = shared_axes(first, other)
    if not names:
        wrong = f"and here they are {describe(first)}, and {describe(other)}"
        return ShapeError(f"`concat` sets branches with the same axes side by side, {wrong}")
    rest = " and ".join(names[1:])
    differ = differences(first, (first[0], *other[1:]))
    return ShapeError(
        f"`concat` sets the {names[0]} of its branches side by side: "
        f"{rest} must agree, and here they differ ({differ})",
        f"keep {rest} in every branch: padding=same, stride=1",
    )


class Concat(Joining):
    """Values side by side, along the feature (or channel) axis: `concat(a, b)`, or of branches."""

    called = ("concatenate", "cat")
    made_by = Join
