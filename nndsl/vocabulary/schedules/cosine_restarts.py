"""Half cosine waves, one after another."""

from typing import Annotated

from pydantic import Field

from nndsl.vocabulary.builtin import NonNegativeReal, Size
from nndsl.vocabulary.schedule import Schedule

_FALL = "floor + (base - floor) * (1 + math.cos(math.pi * place / length)) / 2"


class CosineRestarts(Schedule):
    """Half a cosine wave from base to floor, again and again. Loshchilov and Hutter 2017 (SGDR).

    Each restart begins at base; with `growth` a wave is so many times as long as the one before.
    PyTorch's CosineAnnealingWarmRestarts, stepped after each batch.
    """

    called = ("warm_restarts", "sgdr", "cosine_annealing_warm_restarts", "cosine_decay_restarts")

    base: NonNegativeReal = Field(description="the greatest rate")
    period: Size = Field(description="optimizer steps of the first wave")
    growth: Annotated[int, Field(ge=1, le=100)] = Field(
        1, description="how many times as long each wave is as the one before"
    )
    floor: NonNegativeReal = Field(0.0, description="the rate that a wave comes down to")

    constants = Schedule.constants | {
        "period": "PERIOD",
        "growth": "GROWTH",
        "floor": "FINAL_RATE",
    }
    explanation = "Half a cosine wave down, and again from the top: warm restarts."

    @property
    def value(self) -> str:  # type: ignore[override]
        fall = _FALL if self.floor else "base * (1 + math.cos(math.pi * place / length)) / 2"
        if self.growth == 1:
            fall = fall.replace("length", "period")
            return f"place = (step - 1) % period   # in its wave\nrate = {fall}"
        return f"""
            length, place = period, step - 1
            while place >= length:   # it is in a later wave
                length, place = length * growth, place - length
            rate = {fall}
        """
