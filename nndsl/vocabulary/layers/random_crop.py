"""A part of each image, at random."""

from pydantic import Field

from nndsl.shapes import Shape
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.layer import Layer, Window
from nndsl.vocabulary.windows import require_images, require_room


class RandomCrop(Layer):
    """A square is cut out of every image, anywhere while training; prediction takes the middle.

    Krizhevsky et al. 2012, section 4.1. `random_shift` moves images without making them smaller.
    """

    called = ("crop", "center_crop", "random_resized_crop")

    size: Size = Field(description="height and width of what is cut out", examples=[24])

    linear = True
    keeps_signal = True
    forward = """
        down = rng.integers(0, x.shape[2] - size + 1, len(x))   # where to cut, drawn anew
        across = rng.integers(0, x.shape[3] - size + 1, len(x))
        y = np.empty((len(x), x.shape[1], size, size), x.dtype)
        for i in range(len(x)):
            y[i] = x[i, :, down[i]:down[i] + size, across[i]:across[i] + size]
    """
    backward = """
        dx = np.zeros_like(x)
        for i in range(len(x)):
            dx[i, :, down[i]:down[i] + size, across[i]:across[i] + size] = dy[i]
    """

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"y = x, {self.size} by {self.size} of it"

    inference_forward = "y = x[:, :, top:bottom, left:right]   # the middle"

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        require_images("random_crop", x)
        channels, height, width = x
        require_room(
            "what `random_crop` cuts out", self.size, (height, width), "", "take a smaller one"
        )
        return (channels, self.size, self.size)

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        _, height, width = inputs[0]
        top, left = (height - self.size) // 2, (width - self.size) // 2
        ends = {"bottom": top + self.size, "right": left + self.size}
        return {"size": self.size, "top": top, "left": left, **ends}

    def windows(self, *inputs: Shape) -> tuple[Window, ...]:
        numbers = self.numbers(*inputs)
        return Window(before=-numbers["top"]), Window(before=-numbers["left"])
