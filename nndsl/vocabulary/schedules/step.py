"""A rate that falls in steps."""

import math

from pydantic import Field

from nndsl.vocabulary.builtin import NonNegativeReal, PositiveReal, Size
from nndsl.vocabulary.schedule import Schedule


class Step(Schedule):
    """rate = base factor^k after k times `every` optimizer steps. By definition; StepLR."""

    called = ("step_lr", "multi_step", "piecewise_constant")

    base: NonNegativeReal = Field(description="the rate of the first steps")
    every: Size = Field(description="optimizer steps from one fall to the next")
    factor: PositiveReal = Field(0.1, description="what each fall multiplies the rate by")

    constants = Schedule.constants | {"every": "DECAY_STEPS", "factor": "DECAY_FACTOR"}
    explanation = "Falls by a factor, again and again after the same number of steps."
    value = "rate = base * factor**((step - 1) // every)"

    def shrinks_to(self, steps: int) -> float:
        return (steps - 1) // self.every * math.log10(self.factor)
