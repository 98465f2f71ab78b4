"""The convolution of images."""

from collections.abc import Sequence

from nndsl.shapes import Shape
from nndsl.vocabulary.convolution import Convolution
from nndsl.vocabulary.windows import COL2IM, IM2COL, SLICES, SPACED, WINDOWS, require_room

COLUMNS = "\n\n".join((SLICES, IM2COL, COL2IM, WINDOWS))


class Conv2d(Convolution):
    """Filters move over images: at each place a weighted sum of what a filter sees.

    LeCun et al. 1998. Images are channels x height x width, and each filter makes one channel of
    the output. As in PyTorch, filters are not turned over: it is a cross-correlation. The sums at
    all places of an image are one matrix product, of the filters as rows and of what they see as
    columns ("im2col", Chellapilla et al. 2006).
    """

    called = ("convolution", "convolution2d", "conv")
    class_names = {"book": "Convolution"}
    derivation = r"""
        With what each place sees as a column, a convolution is the product $y = W c + b$ of the
        filters, as rows, with the columns $c$ (`im2col`). So its gradients are those of a
        product:
        $$\frac{\partial L}{\partial W} = \sum_n \frac{\partial L}{\partial y_n} c_n^{\top}$$ and
        $$\frac{\partial L}{\partial c_n} = W^{\top} \frac{\partial L}{\partial y_n}$$
        A pixel stands in several columns, one for each place that sees it. Its gradient is the
        sum of what these get, which is what `col2im` adds up.
    """
    questions = """
        How many weights has a layer of 16 filters of 5 x 5 on images of one channel? Does that
        depend on how large the images are?
        = 16 * 1 * 5 * 5 = 400, and 16 biases, whatever the size: they are shared by all places.
    """

    optimized_outputs = "rows, columns"
    optimized_each = "for k, spot in enumerate(slices({dx}.shape, kernel, stride)):"

    @property
    def functions(self) -> str:  # type: ignore[override]
        return f"{SLICES}\n\n{SPACED}" if self.dilation > 1 else COLUMNS

    def optimized_sees(self, x: str) -> str:
        return f"windows({x}, kernel, stride)"

    def optimized_spot(self, x: str) -> str:
        return f"{x}[spot]"

    def columns(self, x: str) -> str:
        if self.dilation > 1:
            return f"""
                size = W.shape[2]   # height and width of a filter
                span = dilation * (size - 1) + 1   # what it reaches over, with gaps
                cols = spaced_im2col({x}, size, stride, dilation)   # a column for each place
            """
        return f"""
            size = W.shape[2]   # height and width of a filter
            cols = im2col({x}, size, stride)   # a column for each place
        """

    def outputs(self, x: str) -> str:
        return f"*places({x}.shape, {'span' if self.dilation > 1 else 'size'}, stride)"

    def images(self, dx: str, x: str) -> str:
        if self.dilation > 1:
            return f"{dx} = spaced_col2im(dcols, {x}.shape, size, stride, dilation)"
        return f"{dx} = col2im(dcols, {x}.shape, size, stride)"

    def require_room(self, lengths: Sequence[int], padded: str) -> None:
        help = "take a smaller kernel, or padding=same"
        height, width = lengths
        require_room("the kernel of `conv2d`", self.span, (height, width), padded, help)

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        _, rows, columns = self.output_shape(*inputs)
        return super().numbers(*inputs) | {"rows": rows, "columns": columns}
