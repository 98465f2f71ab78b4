"""One number everywhere."""

from pydantic import Field

from nndsl.data import Signal
from nndsl.vocabulary.builtin import Real
from nndsl.vocabulary.initializer import Initializer


class Constant(Initializer):
    """The same value everywhere: for biases; weights that begin equal stay equal. By definition."""

    value: Real = Field(description="the value")

    explanation = "The same value everywhere."
    draw = "w = np.full(shape, value, dtype)"

    def moments(self, fan_in: int, fan_out: int) -> Signal:
        return Signal(self.value, 0)
