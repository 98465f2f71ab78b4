"""The mean absolute percentage error."""

from nndsl.vocabulary.metric import Metric


class MeanAbsolutePercentageError(Metric):
    """|x - t| / |t|, the mean over all elements: 0.1 is ten percent. By definition.

    Targets near 0 make it large.
    """

    needs_values = True
    takes_estimate = True
    guess = "np.median(t, axis=0)"
    guess_by = "the median of the targets"
    value = "(np.abs(x - t) / np.maximum(np.abs(t), np.finfo(np.float64).eps)).mean()"
    weighted = "(w @ (np.abs(x - t) / np.maximum(np.abs(t), np.finfo(np.float64).eps))).mean()"
