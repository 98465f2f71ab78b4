"""Evenly spread numbers."""

from collections.abc import Sequence

from pydantic import Field

from nndsl.vocabulary.builtin import Real
from nndsl.vocabulary.range import Drawing, Range, outward, rounded, spread


class Uniform(Range):
    """A number between low and high, every one as likely as any other."""

    low: Real = Field(description="the smallest value")
    high: Real = Field(description="the largest value")

    def draw(self, drawing: Drawing, name: str) -> str:
        value = drawing.suggest_float(name, self.low, self.high)
        return rounded(value, self.low, self.high)

    def narrowed(self, values: Sequence[str]) -> tuple[str, ...]:
        low, high = spread([float(value) for value in values], self.low, self.high)
        return outward(low, high, self.low, self.high)
