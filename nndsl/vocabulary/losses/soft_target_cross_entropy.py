"""Softmax with cross-entropy, for targets that are probabilities."""

from nndsl.vocabulary.loss import Loss


class SoftTargetCrossEntropy(Loss):
    """-sum of t log softmax(x), the mean over the batch: t is a probability for each class.

    For targets that are not sure, as another network's or those of mixed examples; classes arrive
    as rows of 0 and 1. It applies the softmax itself, so that the network ends with plain scores.
    Its slope is that of the Kullback-Leibler divergence, from which it differs by the entropy of
    the targets. Hinton, Vinyals and Dean 2015.
    """

    called = ("soft_cross_entropy", "kl_div", "kl_div_loss", "kl_divergence", "kullback_leibler")

    targets = "values"
    applies = "softmax"
    takes_scores = True
    between = (0.0, 1.0)
    equation = "cross-entropy(softmax(x), t)"
    guess = "np.log(np.maximum(t.mean(axis=0), 1e-9))"
    guess_by = "the mean of the targets"
    forward = """
        log_P = log_softmax(x)   # log probabilities
        loss = -(t * log_P).sum(axis=1).mean()
    """
    backward = """
        dx = np.exp(log_P) * t.sum(axis=1, keepdims=True) - t   # P - t: the targets sum to 1
        dx /= N                                                 # the loss is a mean over the batch
    """
    estimate = "P = np.exp(log_P)"
