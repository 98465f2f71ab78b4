"""A rate that stays."""

from __future__ import annotations

from pydantic import Field

from nndsl.vocabulary.schedule import Schedule
from nndsl.vocabulary.word import NonNegativeReal


class Constant(Schedule):
    """rate = base at every step. By definition; the same as writing the number."""

    base: NonNegativeReal = Field(description="the rate")

    explanation = "The same at every step."
    value = "rate = base"

    def greatest(self) -> float:
        return self.base
