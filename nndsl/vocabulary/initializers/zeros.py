"""All zeros."""

from nndsl.data import Signal
from nndsl.vocabulary.initializer import Initializer


class Zeros(Initializer):
    """0 everywhere: right for biases; weights that begin equal stay equal."""

    explanation = "Zeros."
    draw = "w = np.zeros(shape, dtype)"

    def moments(self, fan_in: int, fan_out: int) -> Signal:
        return Signal(0, 0)
