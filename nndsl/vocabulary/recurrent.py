"""Recurrent layers: what they have in common."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nndsl.shapes import SequenceShape, Shape
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Parameter
from nndsl.vocabulary.positions import LayerOfPositions, positions_of

SIGMOID = '''
def sigmoid(z):
    """Return 1 / (1 + exp(-z)), in a form whose exp never overflows."""
    return np.exp(np.minimum(0, z)) / (1 + np.exp(np.minimum(z, -z)))
'''


class Recurrent(LayerOfPositions):
    """A state `h` that goes on from step to step: `x W` and the state before, times `U`, make it.

    `sums` are the sums that each unit makes of both: one, or one for each gate as well.
    """

    units: Size = Field(description="number of units: the length of the state")
    output: Literal["last", "all"] = Field("last", description="the state of which steps")
    init: Initializer | None = Field(None, description="how both weights begin; left out, xavier")

    symbol = "H"
    back: ClassVar[str] = "back = U.T.copy()   # in the order in which each step reads it"
    bounds = (-1.0, 1.0)
    sums: ClassVar[int] = 1

    @property
    def output_equation(self) -> str:
        """What is put out, in the words of an equation; h' is the h of the step before."""
        return "y = last(h)" if self.output == "last" else "y = h"

    @property
    def y(self) -> str:
        """The expression for the output: the state of the last step, or of all as rows."""
        return (
            "h[steps]" if self.output == "last" else "h[1:].transpose(1, 0, 2).reshape(-1, units)"
        )

    @property
    def dh(self) -> str:
        """The expression for the gradient of the state behind the last step."""
        return "dy" if self.output == "last" else "np.zeros_like(h[0])"

    @property
    def dh_from_above(self) -> str:
        """The statement that adds what comes from the output of a step, if every step has one."""
        if self.output == "last":
            return ""
        return "dh = dh + dy.reshape(N, steps, units)[:, step]   # from the step behind, and above"

    def output_shape(self, *inputs: Shape) -> Shape:
        steps, _ = positions_of(self.keyword(), inputs[0])
        return (self.units,) if self.output == "last" else SequenceShape((steps, self.units))

    def multiplications(self, *inputs: Shape) -> int:
        steps, features = inputs[0]  # all of them are gone through, whatever is put out
        return steps * (features + self.units) * self.sums * self.units

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        steps, features = inputs[0]
        return {
            **{"steps": steps, "states": steps + 1, "features": features, "units": self.units},
            "all_gates": self.sums * self.units,
        }

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        features, units, init = inputs[0][-1], self.units, self.init or "xavier"
        return {
            "W": Parameter((features, self.sums * units), init, features, units, True),
            "U": Parameter((units, self.sums * units), init, units, units, True),
            "b": Parameter((self.sums * units,), "zeros"),
        }
