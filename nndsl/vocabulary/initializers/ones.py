"""All ones."""

from nndsl.data import Signal
from nndsl.vocabulary.initializer import Initializer


class Ones(Initializer):
    """1 everywhere."""

    explanation = "Ones."
    draw = "w = np.ones(shape, dtype)"

    def moments(self, fan_in: int, fan_out: int) -> Signal:
        return Signal(1, 0)
