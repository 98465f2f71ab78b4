"""Numbers whose logarithms are evenly spread."""

from __future__ import annotations

from pydantic import Field, model_validator

from nndsl.vocabulary.range import Range
from nndsl.vocabulary.word import PositiveReal


class LogUniform(Range):
    """A number between low and high, every order of magnitude as likely as any other."""

    low: PositiveReal = Field(description="the smallest value")
    high: PositiveReal = Field(description="the largest value")

    @model_validator(mode="after")
    def check_order(self) -> LogUniform:
        if self.low >= self.high:
            raise ValueError("`low` must be less than `high`")
        return self
