"""Two moons."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from nndsl.data import Description, Signal
from nndsl.vocabulary.builtin import LARGEST_SIZE, NonNegativeReal
from nndsl.vocabulary.dataset import Data


class Moons(Data):
    """Points on two half circles in the plane that reach into each other: two classes."""

    samples: Annotated[int, Field(ge=2, le=LARGEST_SIZE)] = Field(
        200, description="examples, those of both classes together"
    )
    noise: NonNegativeReal = Field(0.1, description="spread of the points about the half circles")

    positional = 0
    read = """
        t = np.arange(samples) % 2                  # class numbers in turn
        angle = math.pi * rng.random(samples)
        x1 = np.where(t == 0, np.cos(angle), 1 - np.cos(angle))
        x2 = np.where(t == 0, np.sin(angle), 0.5 - np.sin(angle))   # upside down
        X = np.column_stack([x1, x2]) + noise * rng.standard_normal((samples, 2))
        X = X.astype(dtype)
    """

    def describe(self, folder: Path) -> Description:
        signal = Signal(0.375, 0.513 + self.noise * self.noise)
        return Description((2,), classes=2, examples=self.samples, title="moons", signal=signal)
