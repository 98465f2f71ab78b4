"""Numbers whose logarithms are evenly spread."""

import math
from collections.abc import Sequence

from pydantic import Field

from nndsl.vocabulary.builtin import PositiveReal
from nndsl.vocabulary.range import Drawing, Range, outward, rounded, spread


class LogUniform(Range):
    """A number between low and high, every order of magnitude as likely as any other."""

    low: PositiveReal = Field(description="the smallest value")
    high: PositiveReal = Field(description="the largest value")

    logarithmic = True

    def draw(self, drawing: Drawing, name: str) -> str:
        value = drawing.suggest_float(name, self.low, self.high, log=True)
        return rounded(value, self.low, self.high)

    def narrowed(self, values: Sequence[str]) -> tuple[str, ...]:
        logarithms = [math.log10(float(value)) for value in values]
        low, high = spread(logarithms, math.log10(self.low), math.log10(self.high))
        return outward(10**low, 10**high, self.low, self.high)
