"""The mean of each window of an image."""

from __future__ import annotations

from nndsl.vocabulary.pooling import Pooling


class AvgPool(Pooling):
    """The mean of each window of each channel. LeCun et al. 1998.

    Rows and columns at the end that fill no window are left out.
    """

    called = (
        "average_pool",
        "average_pooling",
        "avg_pool1d",
        "avg_pool2d",
        "average_pooling2d",
        "mean_pool",
    )

    linear = True
    forward = "y = sum(x[spot] for spot in slices(x.shape, kernel, stride)) / kernel**2"
    backward = """
        share = dy / kernel**2   # each number of a window has the same part in its mean
        dx = np.zeros_like(x)
        for spot in slices(x.shape, kernel, stride):
            dx[spot] += share
    """

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"y = mean of x over {self.area}"
