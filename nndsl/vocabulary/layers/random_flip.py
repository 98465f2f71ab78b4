"""Images turned over at random."""

from typing import Literal

from pydantic import Field

from nndsl.shapes import Shape
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.windows import require_images


class RandomFlip(Layer):
    """Every other image is turned over, at random, while training; prediction leaves images alone.

    For what means the same in a mirror: a shoe does, a digit does not. Krizhevsky et al. 2012,
    section 4.1.
    """

    called = ("random_horizontal_flip", "horizontal_flip")

    direction: Literal["horizontal", "vertical"] = Field(
        "horizontal", description="which ends change places: left and right, or top and bottom"
    )

    linear = True
    keeps_signal = True
    equation = "y = x, or x in a mirror"
    inference_forward = "y = x"

    @property
    def forward(self) -> str:  # type: ignore[override]
        return f"""
            turned = rng.random((N, 1, 1, 1)) < 0.5   # which images, drawn anew for every batch
            y = np.where(turned, {self._mirrored("x")}, x)
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        return f"dx = np.where(turned, {self._mirrored('dy')}, dy)   # a mirror undoes itself"

    def _mirrored(self, images: str) -> str:
        return (
            f"{images}[:, :, :, ::-1]"
            if self.direction == "horizontal"
            else f"{images}[:, :, ::-1]"
        )

    def output_shape(self, *inputs: Shape) -> Shape:
        require_images("random_flip", inputs[0])
        return inputs[0]
