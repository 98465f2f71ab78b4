"""A rate that falls along half a cosine wave."""

from pydantic import Field

from nndsl.vocabulary.builtin import Count, NonNegativeReal
from nndsl.vocabulary.schedule import Schedule

_WARMUP = """
    if step <= warmup:
        rate = base * step / warmup
    else:
        progress = min(1, (step - 1 - warmup) / (total_steps - warmup))   # from 0 to 1
        rate = {fall}
"""
_PLAIN = """
    progress = min(1, (step - 1) / total_steps)   # from 0 to 1
    rate = {fall}
"""


class Cosine(Schedule):
    """Half a cosine wave from base to floor over the whole training. Loshchilov and Hutter 2017.

    During the first `warmup` optimizer steps the rate rises in a straight line to base. Without
    them it is PyTorch's CosineAnnealingLR: the first step has the rate base, and the floor is
    where the step after the last would be.
    """

    called = ("cosine_annealing", "cosine_annealing_lr", "cosine_decay")

    base: NonNegativeReal = Field(description="the greatest rate")
    warmup: Count = Field(0, description="optimizer steps of a linear rise at the start")

    rise = "warmup"
    constants = Schedule.constants | {"warmup": "WARMUP_STEPS", "floor": "FINAL_RATE"}
    floor: NonNegativeReal = Field(0.0, description="the rate that the end comes down to")

    @property
    def explanation(self) -> str:  # type: ignore[override]
        fall = "half a cosine wave down to the end"
        return f"A straight line up, then {fall}." if self.warmup else fall.capitalize() + "."

    @property
    def value(self) -> str:  # type: ignore[override]
        fall = "base * (1 + math.cos(math.pi * progress)) / 2"
        if self.floor:
            fall = "floor + (base - floor) * (1 + math.cos(math.pi * progress)) / 2"
        return (_WARMUP if self.warmup else _PLAIN).format(fall=fall)
