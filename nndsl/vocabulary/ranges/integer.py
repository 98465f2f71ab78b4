"""Whole numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from nndsl.vocabulary.range import Range

Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]


class Integer(Range):
    """A whole number from low to high, both included, every one as likely as any other."""

    low: Whole = Field(description="the smallest value")
    high: Whole = Field(description="the largest value")

    @model_validator(mode="after")
    def check_order(self) -> Integer:
        if self.low >= self.high:
            raise ValueError("`low` must be less than `high`")
        return self
