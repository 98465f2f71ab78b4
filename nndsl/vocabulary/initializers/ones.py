"""All ones."""

from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.signal import Signal


class Ones(Initializer):
    """1 everywhere."""

    positional = 0
    explanation = "Ones."
    draw = "w = np.ones(shape, dtype)"

    def moments(self, fan_in: int, fan_out: int) -> Signal:
        return Signal(1, 0)
