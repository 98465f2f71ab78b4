"""The convolution over time."""

from collections.abc import Sequence

from nndsl.shapes import Channels, Shape
from nndsl.vocabulary.convolution import Convolution
from nndsl.vocabulary.layer import ShapeError


class Conv1d(Convolution):
    """Filters move over time: at each step a weighted sum of what a filter sees.

    Waibel et al. 1989. Signals are channels x time, and each filter makes one channel of the
    output. As in PyTorch, filters are not turned over: it is a cross-correlation. The sums at all
    steps of a signal are one matrix product, of the filters as rows and of what they see as
    columns.
    """

    called = ("convolution1d",)

    over_time = True
    optimized_outputs = "area"
    optimized_each = "for k in range(kernel):"

    def optimized_sees(self, x: str) -> str:
        return f"np.stack([{x}[:, {self._reach('i')}] for i in range(kernel)], axis=1)"

    def optimized_spot(self, x: str) -> str:
        return f"{x}[:, :, {self._reach('k')}]"

    def _reach(self, k: str) -> str:
        return f"{k}:{k} + stride * area:stride"

    def columns(self, x: str) -> str:
        span, spots = "size", "range(size)"
        if self.dilation > 1:
            span, spots = "dilation * (size - 1) - 1", "range(0, dilation * size, dilation)"
        return f"""
            size = W.shape[2]   # the length of a filter
            places = ({x}.shape[2] - {span}) // stride + 1   # of a filter
            steps = [np.s_[:, :, k:k + stride * places:stride] for k in {spots}]
            seen = np.stack([{x}[step] for step in steps], axis=2)   # what each step sees, at all
            cols = seen.reshape(len(x), {x}.shape[1] * size, places)   # a column for each place
        """

    def outputs(self, x: str) -> str:
        return "places"

    def images(self, dx: str, x: str) -> str:
        return f"""
            dseen = dcols.reshape(seen.shape)
            {dx} = np.zeros_like({x})
            for k in range(size):
                {dx}[steps[k]] += dseen[:, :, k]   # a number is seen from several places
        """

    def output_shape(self, *inputs: Shape) -> Shape:
        return Channels(super().output_shape(*inputs))

    def require_room(self, lengths: Sequence[int], padded: str) -> None:
        (steps,) = lengths
        if self.span > steps:
            raise ShapeError(
                f"the kernel of `conv1d` is {self.span} long, and its signals have {steps} "
                f"steps{padded}: it fits nowhere",
                "take a smaller kernel, or padding=same",
            )
