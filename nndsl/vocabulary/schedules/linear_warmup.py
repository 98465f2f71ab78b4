"""A rate that rises to its value."""

from pydantic import Field

from nndsl.vocabulary.builtin import NonNegativeReal, Size
from nndsl.vocabulary.schedule import Schedule


class LinearWarmup(Schedule):
    """rate = base step / warmup in the first `warmup` steps, and then base. Goyal et al. 2017."""

    called = ("warmup", "warm_up")

    base: NonNegativeReal = Field(description="the rate after the rise")
    warmup: Size = Field(description="optimizer steps of the rise")

    rise = "warmup"
    constants = Schedule.constants | {"warmup": "WARMUP_STEPS"}
    explanation = "A straight line up, then constant."
    value = "rate = base * min(1, step / warmup)"
