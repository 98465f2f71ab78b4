"""The largest error."""

from nndsl.vocabulary.metric import Metric


class MaxError(Metric):
    """The largest |x - t|. By definition."""

    needs_values = True
    takes_estimate = True
    value = "np.abs(x - t).max()"
