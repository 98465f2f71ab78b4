"""The mean absolute error."""

from nndsl.vocabulary.metric import Metric


class MeanAbsoluteError(Metric):
    """|x - t|, the mean over all elements. By definition."""

    needs_values = True
    takes_estimate = True
    value = "np.abs(x - t).mean()"
