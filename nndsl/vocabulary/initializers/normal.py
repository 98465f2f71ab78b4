"""Normally distributed numbers."""

from pydantic import Field

from nndsl.data import Signal
from nndsl.vocabulary.builtin import NonNegativeReal, Real
from nndsl.vocabulary.initializer import Initializer


class Normal(Initializer):
    """Normal with a standard deviation of your own. By definition."""

    called = ("random_normal",)

    std: NonNegativeReal = Field(description="standard deviation")
    mean: Real = Field(0.0, description="mean")

    explanation = "Normally distributed."
    draw = "w = mean + std * rng.standard_normal(shape)"

    def moments(self, fan_in: int, fan_out: int) -> Signal:
        return Signal(self.mean, self.std * self.std)
