"""A rate that decays exponentially."""

import math

from pydantic import Field

from nndsl.vocabulary.builtin import NonNegativeReal, PositiveReal, Size
from nndsl.vocabulary.schedule import Schedule


class Exponential(Schedule):
    """rate = base decay^((step - 1) / every): a smooth decay. By definition; as in Keras."""

    called = ("exponential_lr", "exponential_decay")

    base: NonNegativeReal = Field(description="the rate of the first step")
    decay: PositiveReal = Field(description="factor by which the rate falls")
    every: Size = Field(1, description="optimizer steps in which it falls by that factor")

    constants = Schedule.constants | {"decay": "DECAY_FACTOR", "every": "DECAY_STEPS"}
    explanation = "Falls a little at every step, always by the same factor."

    @property
    def value(self) -> str:  # type: ignore[override]
        steps = "(step - 1)" if self.every == 1 else "((step - 1) / every)"
        return f"rate = base * decay**{steps}"

    def shrinks_to(self, steps: int) -> float:
        return (steps - 1) / self.every * math.log10(self.decay)
