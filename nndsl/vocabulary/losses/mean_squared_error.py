"""The mean squared error."""

from nndsl.vocabulary.loss import Loss


class MeanSquaredError(Loss):
    """(x - t)^2, the mean over all elements: least squares. Legendre 1805."""

    called = ("mse_loss", "l2_loss", "squared_error")

    targets = "values"
    equation = "mean((x - t)^2)"
    guess = "t.mean(axis=0)"
    guess_by = "the mean of the targets"
    forward = """
        error = x - t
        loss = (error * error).mean()
    """
