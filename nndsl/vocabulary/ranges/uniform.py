"""Evenly spread numbers."""

from __future__ import annotations

from pydantic import Field, model_validator

from nndsl.vocabulary.range import Range
from nndsl.vocabulary.word import Real


class Uniform(Range):
    """A number between low and high, every one as likely as any other."""

    low: Real = Field(description="the smallest value")
    high: Real = Field(description="the largest value")

    @model_validator(mode="after")
    def check_order(self) -> Uniform:
        if self.low >= self.high:
            raise ValueError("`low` must be less than `high`")
        return self
