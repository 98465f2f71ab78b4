"""LeCun initialisation."""

from typing import Literal

from pydantic import Field

from nndsl.data import Signal
from nndsl.vocabulary.initializer import Initializer


class Lecun(Initializer):
    """Variance 1 / fan_in, for tanh and other units that pass a small signal on unchanged.

    LeCun et al. 1998 ("Efficient BackProp"), equation 16. Some textbooks call this Xavier.
    """

    called = ("lecun_normal",)

    distribution: Literal["normal", "uniform"] = Field(
        "normal", description="the distribution of the weights; the variance is the same"
    )

    by_fan = True
    explanation = "LeCun initialisation: keeps the variance of signals equal from layer to layer."

    @property
    def draw(self) -> str:  # type: ignore[override]
        if self.distribution == "normal":
            return "w = rng.normal(0, math.sqrt(1 / fan_in), shape)"
        return """
            limit = math.sqrt(3 / fan_in)   # the variance is `limit`**2 / 3
            w = rng.uniform(-limit, limit, shape)
        """

    def moments(self, fan_in: int, fan_out: int) -> Signal:
        return Signal(0, 1 / fan_in)
