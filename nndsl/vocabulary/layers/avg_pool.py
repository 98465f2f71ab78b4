"""The mean of each window of an image or a signal."""

from nndsl.vocabulary.pooling import Pooling
from nndsl.vocabulary.windows import lines


class AvgPool(Pooling):
    """The mean of each window of each channel. LeCun et al. 1998.

    What fills no window at the end is left out. Padding is zeros, which count, as in PyTorch.
    """

    called = (
        "average_pool",
        "average_pooling",
        "avg_pool1d",
        "avg_pool2d",
        "average_pooling1d",
        "average_pooling2d",
        "mean_pool",
    )

    linear = True
    reasons = {"share": "each number of a window has the same part in its mean"}

    @property
    def forward(self) -> str:  # type: ignore[override]
        pad = f"padded = np.pad(x, ((0, 0), (0, 0), {self.margins}))   # zeros around each"
        count = "kernel**2" if self.axes == 2 else "kernel"
        mean = f"y = sum({self.x}[spot] for spot in {self.spots}) / {count}"
        return lines(pad if self.pads else "", self.find_spots, mean)

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"y = mean of x over {self.area}"
