"""The largest number of each window of an image."""

from __future__ import annotations

from nndsl.vocabulary.pooling import Pooling


class MaxPool(Pooling):
    """The largest number of each window of each channel. Weng et al. 1992.

    Of equal numbers the first, row by row, gets the gradient, as in PyTorch. Rows and columns at
    the end that fill no window are left out.
    """

    called = ("max_pooling", "max_pool1d", "max_pool2d", "max_pooling2d")
    class_names = {"book": "Pooling"}

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"y = max of x over {self.area}"

    forward = """
        spots = np.stack([x[spot] for spot in slices(x.shape, kernel, stride)])
        y = spots.max(axis=0)   # over the spots of each window
    """

    @property
    def backward(self) -> str:  # type: ignore[override]
        is_now = "+=" if self.overlaps else "="
        apart = "" if self.overlaps else "; no windows overlap"
        return f"""
            dx = np.zeros_like(x)
            found = np.zeros_like(y, bool)   # was the largest number met?
            for seen, spot in zip(spots, slices(x.shape, kernel, stride)):
                first = (seen == y) & ~found   # of equal numbers the first
                dx[spot] {is_now} dy * first   # it alone decided the output{apart}
                found |= first
        """
