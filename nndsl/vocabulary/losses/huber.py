"""The Huber loss."""

from pydantic import Field

from nndsl.vocabulary.builtin import PositiveReal
from nndsl.vocabulary.loss import Loss


class Huber(Loss):
    """The squared error / 2 up to delta, and a straight line beyond, the mean over all elements.

    Small errors are treated as by the squared error, outliers as by the absolute error.
    Huber 1964; PyTorch's HuberLoss.
    """

    called = ("smooth_l1", "smooth_l1_loss", "huber_loss")

    delta: PositiveReal = Field(1.0, description="the error at which the parabola becomes a line")

    positional = 1
    targets = "values"
    equation = "mean(huber(x - t, delta))"
    guess = "np.median(t, axis=0)"
    guess_by = "the median of the targets"
    forward = """
        error = x - t
        distance = np.abs(error)
        near = 0.5 * error * error
        far = delta * (distance - 0.5 * delta)   # meets the parabola with the same value and slope
        loss = np.where(distance <= delta, near, far).mean()
    """
