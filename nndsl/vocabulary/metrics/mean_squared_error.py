"""The mean squared error."""

from nndsl.vocabulary.metric import Metric


class MeanSquaredError(Metric):
    """(x - t)^2, the mean over all elements. By definition."""

    needs_values = True
    takes_estimate = True
    guess = "t.mean(axis=0)"
    guess_by = "the mean of the targets"
    value = "((x - t)**2).mean()"
    weighted = "(w @ (x - t)**2).mean()"
