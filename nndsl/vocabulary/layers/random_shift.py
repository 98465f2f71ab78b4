"""Images moved at random."""

from pydantic import Field

from nndsl.shapes import Shape
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.layer import Layer, ShapeError
from nndsl.vocabulary.windows import require_images


class RandomShift(Layer):
    """Every image is moved at random while training; prediction leaves images where they are.

    Zeros come in at one end, and what leaves at the other is lost. LeCun et al. 1998, section III.
    """

    called = ("random_translation",)

    pixels: Size = Field(
        description="the farthest that an image moves, in each direction", examples=[2]
    )

    linear = True
    keeps_signal = True  # as if nothing were lost at the ends
    equation = "y = x, moved by up to pixels"
    forward = """
        height, width = x.shape[2:]
        edge = pixels, pixels
        padded = np.pad(x, ((0, 0), (0, 0), edge, edge))   # zeros on all sides
        down, right = rng.integers(0, 2 * pixels + 1, (2, len(x)))   # where to cut
        y = np.empty_like(x)
        for i in range(len(x)):
            y[i] = padded[i, :, down[i]:down[i] + height, right[i]:right[i] + width]
    """
    inference_forward = "y = x"

    def output_shape(self, *inputs: Shape) -> Shape:
        require_images("random_shift", inputs[0])
        _, rows, columns = inputs[0]
        if self.pixels >= min(rows, columns):
            raise ShapeError(
                f"`random_shift` moves images by up to {self.pixels} pixels, and here they are "
                f"{rows} high and {columns} wide: nothing would be left of some",
                "move them by fewer pixels",
            )
        return inputs[0]
