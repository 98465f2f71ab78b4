"""Xavier (Glorot) initialisation."""

from typing import Literal

from pydantic import Field

from nndsl.data import Signal
from nndsl.vocabulary.initializer import Initializer


class Xavier(Initializer):
    """Variance 2 / (fan_in + fan_out). Glorot and Bengio 2010, equations 12 and (uniform) 16."""

    called = ("glorot", "glorot_normal", "glorot_uniform", "xavier_normal", "xavier_uniform")

    distribution: Literal["normal", "uniform"] = Field(
        "normal", description="the distribution of the weights; the variance is the same"
    )

    by_fan = True
    explanation = "Xavier initialisation: keeps signals forward and gradients backward about equal."
    questions = """
        What becomes of the signal after ten layers if all weights are drawn ten times too small,
        and nothing normalises it in between?
        = With relu or tanh each layer makes it ten times smaller; with sigmoid all outputs come
        near 0.5, and examples hardly differ any more. Hardly any gradient comes back in either
        case.
    """

    @property
    def draw(self) -> str:  # type: ignore[override]
        if self.distribution == "normal":
            return "w = rng.normal(0, math.sqrt(2 / (fan_in + fan_out)), shape)"
        return """
            limit = math.sqrt(6 / (fan_in + fan_out))   # the variance is `limit`**2 / 3
            w = rng.uniform(-limit, limit, shape)
        """

    def moments(self, fan_in: int, fan_out: int) -> Signal:
        return Signal(0, 2 / (fan_in + fan_out))
