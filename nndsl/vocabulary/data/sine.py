"""A noisy sine."""

import math
from pathlib import Path

from pydantic import Field

from nndsl.data import Description, Signal
from nndsl.vocabulary.builtin import NonNegativeReal, Size
from nndsl.vocabulary.dataset import Data


class Sine(Data):
    """A regression: the sine of a number between -pi and pi, measured with noise."""

    samples: Size = Field(200, description="examples")
    noise: NonNegativeReal = Field(0.1, description="spread of the measured values about the sine")

    positional = 0
    read = """
        X = (math.pi * (2 * rng.random((samples, 1)) - 1)).astype(dtype)   # between -pi and pi
        t = (np.sin(X) + noise * rng.standard_normal((samples, 1))).astype(dtype)
    """

    def describe(self, folder: Path) -> Description:
        signal = Signal(0, math.pi**2 / 3)
        return Description((1,), outputs=1, examples=self.samples, title="sine", signal=signal)
