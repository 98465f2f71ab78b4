"""Numbers without a pattern."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from nndsl.data import MAX_NUMBERS, DataError, Description, Signal
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.dataset import Data


class Gaussian(Data):
    """Standard normal numbers in classes that have nothing to do with them.

    There is nothing to learn: for looking at how a signal passes through a network, and at how
    many examples a network can learn by heart.
    """

    classes: Annotated[int, Field(ge=2, le=1000)] = Field(10, description="classes of points")
    samples: Size = Field(1000, description="examples, those of all classes together")
    features: Size = Field(100, description="numbers of an example")

    positional = 0
    read = """
        X = rng.standard_normal((samples, features)).astype(dtype)
        t = np.arange(samples) % classes   # class numbers, each as often as the others
    """

    def describe(self, folder: Path) -> Description:
        if self.samples < self.classes:
            raise DataError(
                f"{self.samples} samples are fewer than {self.classes} classes", field="samples"
            )
        if self.samples * self.features > MAX_NUMBERS:
            raise DataError("samples times features is more than 10**9 numbers", field="samples")
        return Description(
            (self.features,),
            classes=self.classes,
            examples=self.samples,
            title="gaussian",
            signal=Signal(0, 1),
        )
