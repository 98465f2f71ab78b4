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
'''

    def for_outputs(self, count: int) -> str:
        if count == 1:
            return "mean_log_loss(np.where(true, x[:, 0], 1 - x[:, 0]))"
        return "mean_log_loss(x[np.arange(len(x)), true])"
