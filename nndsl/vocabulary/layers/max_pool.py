"""The largest number of each window of an image or a signal."""

from nndsl.vocabulary.pooling import Pooling
from nndsl.vocabulary.windows import lines


class MaxPool(Pooling):
    """The largest number of each window of each channel. Weng et al. 1992.

    Of equal numbers the first, row by row, gets the gradient, as in PyTorch. What fills no window
    at the end is left out. Padding is never the largest.
    """

    called = ("max_pooling", "max_pool1d", "max_pool2d", "max_pooling1d", "max_pooling2d")
    class_names = {"book": "Pooling"}
    derivation = r"""
        The output of a window is one of its numbers. That number has the slope 1, all others 0: a
        little change of theirs changes nothing. So what comes in goes to where the largest number
        stood. Of equal numbers the first, row by row, is taken for the largest, as in PyTorch: it
        alone gets what comes in.
    """

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"y = max of x over {self.area}"

    @property
    def forward(self) -> str:  # type: ignore[override]
        around = f"((0, 0), (0, 0), {self.margins})"
        pad = f"padded = np.pad(x, {around}, constant_values=-np.inf)   # never the largest"
        return lines(
            pad if self.pads else "",
            self.find_spots,
            f"spots = np.stack([{self.x}[spot] for spot in {self.spots}])",
            "y = spots.max(axis=0)   # over the spots of each window",
        )

    @property
    def backward(self) -> str:  # type: ignore[override]
        is_now = "+=" if self.overlaps else "="
        apart = "" if self.overlaps else "; no windows overlap"
        return lines(
            f"""
            d{self.x} = np.zeros_like({self.x})
            found = np.zeros_like(y, bool)   # was the largest number met?
            for seen, spot in zip(spots, {self.spots}):
                first = (seen == y) & ~found   # of equal numbers the first
                d{self.x}[spot] {is_now} dy * first   # it alone decided the output{apart}
                found |= first
            """,
            self.crop if self.pads else "",
        )
