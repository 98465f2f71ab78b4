"""A rate that decays exponentially."""

from __future__ import annotations

import math

from pydantic import Field

from nndsl.vocabulary.builtin import NonNegativeReal, PositiveReal, Size
from nndsl.vocabulary.schedule import Schedule


class Exponential(Schedule):
    """rate = base decay^((step - 1) / every): a smooth decay. By definition; as in Keras."""

    base: NonNegativeReal = Field(description="the rate of the first step")
    decay: PositiveReal = Field(description="what the rate is multiplied by in `every` steps")
    every: Size = Field(1, description="optimizer steps in which the rate falls by `decay`")

    explanation = "Falls a little at every step, always by the same factor."
    value = "rate = base * decay**((step - 1) / every)"

    def greatest(self) -> float:
        return self.base

    def shrinks_to(self, steps: int) -> float:
        return (steps - 1) / self.every * math.log10(self.decay)
