"""The coefficient of determination."""

from nndsl.vocabulary.metric import Metric


class R2(Metric):
    """The part of the targets' variance that is explained, a mean over the outputs. Wright 1921.

    1 is perfect; 0 is as good as their mean.
    """

    called = ("r_squared", "r2_score")

    needs_values = True
    takes_estimate = True
    guess = "t.mean(axis=0)"
    guess_by = "the mean of the targets"
    higher_is_better = True
    value = "r2_score(x, t)"
    weighted = "weighted_r2_score(x, t, w)"
    functions = '''
def r2_score(x, t):
    """Return 1 - the squared errors / the squared distances from the mean; a mean over outputs."""
    left = ((t - x)**2).sum(axis=0)
    whole = ((t - t.mean(axis=0))**2).sum(axis=0)
    constant = np.where(left == 0, 1.0, 0.0)   # for targets that are all the same
    return np.where(whole > 0, 1 - left / np.where(whole > 0, whole, 1), constant).mean()


def weighted_r2_score(x, t, w):
    """Return the same where the examples have weights w, which are 1 in all."""
    left = w @ (t - x)**2
    whole = w @ (t - w @ t)**2
    constant = np.where(left == 0, 1.0, 0.0)
    return np.where(whole > 0, 1 - left / np.where(whole > 0, whole, 1), constant).mean()
'''
