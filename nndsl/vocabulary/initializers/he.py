"""He initialisation."""

from typing import Literal

from pydantic import Field

from nndsl.data import Signal
from nndsl.vocabulary.initializer import Initializer


class He(Initializer):
    """Variance 2 / fan_in, for the relu family. He et al. 2015, equation 10."""

    called = ("kaiming", "kaiming_normal", "he_normal", "kaiming_uniform", "he_uniform")

    distribution: Literal["normal", "uniform"] = Field(
        "normal", description="the distribution of the weights; the variance is the same"
    )

    by_fan = True
    explanation = (
        "He initialisation: keeps the variance of relu activations equal from layer to layer."
    )
    questions = """
        Where does the 2 of `2 / fan_in` come from?
        = relu sets half of the numbers to 0, so half of the power is lost in each layer.

        What would a layer do whose weights all began with the same number?
        = All its units would compute the same and get the same gradient, and stay alike for ever,
        unless chance tells them apart, as dropout does.
    """

    @property
    def draw(self) -> str:  # type: ignore[override]
        if self.distribution == "normal":
            return "w = rng.normal(0, math.sqrt(2 / fan_in), shape)"
        return """
            limit = math.sqrt(6 / fan_in)   # the variance is `limit`**2 / 3
            w = rng.uniform(-limit, limit, shape)
        """

    def moments(self, fan_in: int, fan_out: int) -> Signal:
        return Signal(0, 2 / fan_in)
