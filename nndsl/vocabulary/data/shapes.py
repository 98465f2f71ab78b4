"""Discs and squares, with a class for each pixel."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from nndsl.data import Description, Signal
from nndsl.vocabulary.builtin import LARGEST_SIZE, NonNegativeReal
from nndsl.vocabulary.dataset import Data


class Shapes(Data):
    """Images of a disc and a square on noise, with a class for each pixel: which of both, or none.

    Both are of any brightness, so that no pixel alone tells what it belongs to: its neighbours do.
    A network that ends with `patches(1)` has a row of scores for each pixel.
    """

    called = ("segmentation", "masks")

    samples: Annotated[int, Field(ge=1, le=LARGEST_SIZE)] = Field(
        500, description="examples: images of one channel"
    )
    size: Annotated[int, Field(ge=8, le=1000)] = Field(
        16, description="height and width, in pixels"
    )
    noise: NonNegativeReal = Field(0.2, description="spread of the noise of every pixel")

    positional = 0
    read = """
        rows, columns = np.mgrid[:size, :size]
        X = np.zeros((samples, 1, size, size), dtype)
        t = np.zeros((samples, size, size), np.int64)   # 0: neither
        for i in range(samples):
            for kind in (1, 2):   # a disc, then a square, which may cover it
                radius = rng.integers(size // 8, size // 4 + 1)
                row, column = rng.integers(radius, size - radius, 2)   # of its middle
                down, across = np.abs(rows - row), np.abs(columns - column)
                distance = np.hypot(down, across) if kind == 1 else np.maximum(down, across)
                X[i, 0, distance <= radius] = rng.uniform(0.5, 1.5)
                t[i, distance <= radius] = kind
        X += noise * rng.standard_normal(X.shape).astype(dtype)
        t = t.reshape(samples, -1)   # pixel by pixel
    """

    def describe(self, folder: Path) -> Description:
        return Description(
            (1, self.size, self.size),
            classes=3,
            examples=self.samples,
            per_position=True,
            title="shapes",
            names=("neither", "disc", "square"),
            signal=Signal(0.28, 0.22 + self.noise * self.noise),
        )
