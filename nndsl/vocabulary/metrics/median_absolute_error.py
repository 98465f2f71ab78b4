"""The median absolute error."""

from nndsl.vocabulary.metric import Metric


class MedianAbsoluteError(Metric):
    """The median of |x - t|; the mean over the outputs. By definition.

    A few examples that are far off have no part in it.
    """

    needs_values = True
    takes_estimate = True
    guess = "np.median(t, axis=0)"
    guess_by = "the median of the targets"
    value = "np.median(np.abs(x - t), axis=0).mean()"
