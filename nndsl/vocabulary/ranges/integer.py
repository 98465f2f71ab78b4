"""Whole numbers."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from nndsl.vocabulary.range import Drawing, Range

Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]


class Integer(Range):
    """A whole number from low to high, both included, every one as likely as any other."""

    low: Whole = Field(description="the smallest value")
    high: Whole = Field(description="the largest value")

    whole = True

    def draw(self, drawing: Drawing, name: str) -> str:
        return str(drawing.suggest_int(name, self.low, self.high))

    def narrowed(self, values: Sequence[str]) -> tuple[str, ...]:
        low, high = min(map(int, values)), max(map(int, values))
        if low == high:  # a range holds two numbers at least
            low, high = max(self.low, low - 1), min(self.high, high + 1)
        return str(low), str(high)
