"""Spirals."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from nndsl.data import DataError, Description, Signal
from nndsl.vocabulary.builtin import NonNegativeReal, Size
from nndsl.vocabulary.dataset import Data


class Spiral(Data):
    """Points in the plane on spirals that wind around each other, one for each class."""

    classes: Annotated[int, Field(ge=2, le=1000)] = Field(3, description="arms of the spiral")
    samples: Size = Field(300, description="examples, those of all classes together")
    noise: NonNegativeReal = Field(0.1, description="spread of the angle, in radians")

    positional = 0
    read = """
        t = np.arange(samples) % classes            # class numbers, each as often as the others
        radius = (np.arange(samples) + 1) / samples   # from the middle out to 1
        angle = 4 * radius + 2 * math.pi * t / classes   # every arm turns by 4 radians
        angle = angle + noise * rng.standard_normal(samples)
        X = np.column_stack([radius * np.sin(angle), radius * np.cos(angle)]).astype(dtype)
    """

    def describe(self, folder: Path) -> Description:
        if self.samples < self.classes:
            raise DataError(
                f"{self.samples} samples are fewer than {self.classes} classes", field="samples"
            )
        signal = Signal(0, 1 / 6)  # the radius is uniform up to 1, and has two coordinates
        return Description(
            (2,), classes=self.classes, examples=self.samples, title="spiral", signal=signal
        )
