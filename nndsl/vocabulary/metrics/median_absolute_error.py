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
    weighted = "weighted_median(np.abs(x - t), w).mean()"
    functions = '''
def weighted_median(values, w):
    """Return for each column the value that half of the weight lies below; of two their middle."""
    medians = []
    for column in values[w > 0].T:
        order = np.argsort(column)
        below = np.cumsum(w[w > 0][order]) / w.sum()
        middle = np.searchsorted(below, [0.5 - 1e-9, 0.5 + 1e-9])   # the same, or two neighbours
        medians.append(column[order[middle]].mean())
    return np.array(medians)
'''
