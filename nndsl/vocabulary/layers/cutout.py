"""Images with a hole, at random."""

from pydantic import Field

from nndsl.shapes import Shape
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.windows import require_images, require_room


class Cutout(Layer):
    """A square of every image is set to 0 while training; prediction sees the whole image.

    DeVries and Taylor 2017. The middle of the square may be any pixel, so that part of it may lie
    beyond the edge.
    """

    called = ("random_erasing", "random_erase", "random_cutout")

    size: Size = Field(description="height and width of the square", examples=[4])

    linear = True
    keeps_signal = True  # as if nothing were cut out
    equation = "y = x, but 0 in a square of size by size"
    forward = """
        hole = np.zeros((len(x), 1, x.shape[2], x.shape[3]), bool)   # of all channels alike
        down = rng.integers(0, x.shape[2], len(x)) - size // 2   # drawn anew for every batch
        right = rng.integers(0, x.shape[3], len(x)) - size // 2
        for i in range(len(x)):
            top, left = max(0, down[i]), max(0, right[i])   # not beyond the edge
            hole[i, 0, top:down[i] + size, left:right[i] + size] = True
        y = np.where(hole, 0, x)
    """
    backward = "dx = np.where(hole, 0, dy)"
    inference_forward = "y = x"

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        require_images("cutout", x)
        _, height, width = x
        require_room("the hole of `cutout`", self.size, (height, width), "", "take a smaller one")
        return x
