"""Exclusive or."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from nndsl.data import Description, Signal
from nndsl.vocabulary.builtin import LARGEST_SIZE, NonNegativeReal
from nndsl.vocabulary.dataset import Data


class Xor(Data):
    """Points about the corners of the unit square; class 1 where exactly one coordinate is 1.

    No straight line separates the classes: what the perceptron cannot learn.
    """

    samples: Annotated[int, Field(ge=4, le=LARGEST_SIZE)] = Field(
        200, description="examples, those of all corners together"
    )
    noise: NonNegativeReal = Field(0.1, description="spread of the points about the corners")

    positional = 0
    read = """
        corner = np.arange(samples) % 4             # 0 to 3 in turn
        a, b = corner // 2, corner % 2              # its coordinates, 0 or 1
        t = a ^ b                                   # 1 where exactly one of them is 1
        X = np.column_stack([a, b]) + noise * rng.standard_normal((samples, 2))
        X = X.astype(dtype)
    """

    def describe(self, folder: Path) -> Description:
        signal = Signal(0.5, 0.25 + self.noise * self.noise)
        return Description((2,), classes=2, examples=self.samples, title="xor", signal=signal)
