"""The log loss."""

from nndsl.vocabulary.metric import Metric


class LogLoss(Metric):
    """-log of the probability that the true class was given, the mean over all examples.

    It is the cross-entropy whatever the network trains on: smoothed or weighted targets. By
    definition; a probability of 0 counts as the precision of its floats.
    """

    needs_classes = True
    takes_estimate = True
    needs_probabilities = True
    value = ""
    functions = '''
def mean_log_loss(p):
    """Return the mean of -log p, for the probabilities p of what is true."""
    eps = np.finfo(p.dtype).eps
    return -np.log(np.clip(p, eps, 1 - eps)).mean()


def weighted_log_loss(p, w):
    """Return the same, of examples with weights w, which are 1 in all."""
    eps = np.finfo(p.dtype).eps
    return -(w @ np.log(np.clip(p, eps, 1 - eps)))
'''

    def for_outputs(self, count: int, *, weighs: bool = False) -> str:
        p = "np.where(true, x[:, 0], 1 - x[:, 0])" if count == 1 else "x[np.arange(len(x)), true]"
        return f"weighted_log_loss({p}, w)" if weighs else f"mean_log_loss({p})"
