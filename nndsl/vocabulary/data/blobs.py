"""Gaussian clusters."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from nndsl.data import MAX_NUMBERS, DataError, Description, Signal
from nndsl.vocabulary.builtin import NonNegativeReal, Size
from nndsl.vocabulary.dataset import Data


class Blobs(Data):
    """Gaussian clusters, one for each class, about centres drawn at random (spread 4)."""

    classes: Annotated[int, Field(ge=2, le=1000)] = Field(4, description="clusters")
    samples: Size = Field(400, description="examples, those of all classes together")
    features: Size = Field(6, description="numbers of an example")
    noise: NonNegativeReal = Field(1.0, description="spread of the points about their centre")

    positional = 0
    read = """
        centres = 4 * rng.standard_normal((classes, features))
        t = np.arange(samples) % classes            # class numbers, each as often as the others
        X = centres[t] + noise * rng.standard_normal((samples, features))
        X = X.astype(dtype)
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
            title="blobs",
            signal=Signal(0, 16 + self.noise * self.noise),
        )
