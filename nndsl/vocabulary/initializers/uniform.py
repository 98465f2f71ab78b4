"""Uniformly distributed numbers."""

from pydantic import Field, ValidationInfo, field_validator

from nndsl.data import Signal
from nndsl.vocabulary.builtin import Real
from nndsl.vocabulary.initializer import Initializer


class Uniform(Initializer):
    """Uniform between two bounds of your own. By definition."""

    called = ("random_uniform",)

    low: Real = Field(description="the lower bound")
    high: Real = Field(description="the upper bound, above the lower one")

    positional = 2
    explanation = "Uniformly distributed."
    draw = "w = rng.uniform(low, high, shape)"

    @field_validator("high")
    @classmethod
    def _is_above_low(cls, high: float, info: ValidationInfo) -> float:
        low = info.data.get("low")
        if low is not None and high <= low:
            raise ValueError(
                f"`high` must be greater than `low`, and here {high:g} is not above {low:g}"
            )
        return high

    def moments(self, fan_in: int, fan_out: int) -> Signal:
        width = self.high - self.low
        return Signal(self.low + width / 2, width * width / 12)
