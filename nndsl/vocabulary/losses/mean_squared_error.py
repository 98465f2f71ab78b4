"""The mean squared error."""

from nndsl.vocabulary.loss import Loss


class MeanSquaredError(Loss):
    """(x - t)^2, the mean over all elements: least squares. Legendre 1805."""

    called = ("mse_loss", "l2_loss", "squared_error")

    targets = "values"
    equation = "mean((x - t)^2)"
    guess = "t.mean(axis=0)"
    guess_by = "the mean of the targets"
    derivation = r"""
        The loss is $\frac{1}{n} \sum_i \left(x_i - t_i\right)^2$ over all $n$ numbers of the
        batch. The square brings the 2 down, the mean keeps its $1/n$, and each $x_i$ stands in
        one term alone:
        $$\frac{\partial L}{\partial x_i} = \frac{2}{n} \left(x_i - t_i\right)$$
        Some books halve the loss, so that the 2 is gone.
    """
    questions = """
        How does the gradient change where an error becomes ten times as large? And the loss?
        = Ten times, and a hundred times: a few outliers can lead the whole fit.
    """
    forward = """
        error = x - t
        loss = (error * error).mean()
    """
