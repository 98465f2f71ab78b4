"""The largest number of each window of an image."""

from __future__ import annotations

from nndsl.vocabulary.pooling import Pooling


class MaxPool(Pooling):
    """The largest number of each window of each channel. Weng et al. 1992.

    Of equal numbers the first, row by row, gets the gradient, as in PyTorch. Rows and columns at
    the end that fill no window are left out.
    """

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"y = max of x over {self.area}"

    forward = """
        spots = np.stack([x[place] for place in slices(kernel, stride, rows, columns)])
        y = spots.max(axis=0)   # over the spots of the window
    """

    @property
    def backward(self) -> str:  # type: ignore[override]
        is_now = "+=" if self.overlaps else "="
        return f"""
            dx = np.zeros_like(x)
            free = np.ones_like(y, bool)   # windows whose largest number was not met yet
            for spot, at in zip(spots, slices(kernel, stride, rows, columns)):
                first = free & (spot == y)
                dx[at] {is_now} dy * first   # it alone decided the output
                free ^= first
        """
