"""The root of the mean squared error."""

from nndsl.vocabulary.metric import Metric


class RootMeanSquaredError(Metric):
    """sqrt of the mean of (x - t)^2; the mean over the outputs. By definition.

    It is in the units of the targets.
    """

    needs_values = True
    takes_estimate = True
    guess = "t.mean(axis=0)"
    guess_by = "the mean of the targets"
    value = "np.sqrt(((x - t)**2).mean(axis=0)).mean()"
    weighted = "np.sqrt(w @ (x - t)**2).mean()"
