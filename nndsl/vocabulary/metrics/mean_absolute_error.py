"""The mean absolute error."""

from nndsl.vocabulary.metric import Metric


class MeanAbsoluteError(Metric):
    """|x - t|, the mean over all elements. By definition."""

    needs_values = True
    takes_estimate = True
    guess = "np.median(t, axis=0)"
    guess_by = "the median of the targets"
    value = "np.abs(x - t).mean()"
    weighted = "(w @ np.abs(x - t)).mean()"
