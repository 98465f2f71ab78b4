"""A rate that stays."""

from pydantic import Field

from nndsl.vocabulary.builtin import NonNegativeReal
from nndsl.vocabulary.schedule import Schedule


class Constant(Schedule):
    """rate = base at every step. By definition; the same as writing the number."""

    base: NonNegativeReal = Field(description="the rate")

    explanation = "The same at every step."
    value = "rate = base"
