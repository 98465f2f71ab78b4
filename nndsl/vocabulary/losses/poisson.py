"""The Poisson loss."""

from math import inf

from nndsl.vocabulary.loss import Loss


class Poisson(Loss):
    """exp(x) - t x, the mean over all elements: for counts, whose mean rate is exp(x).

    The network outputs the logarithm of the rate, so that the rate is never negative; metrics and
    predictions are of the rate. The maximum-likelihood loss of Poisson regression, but for a
    constant. Nelder and Wedderburn 1972; PyTorch's PoissonNLLLoss.
    """

    called = ("poisson_nll", "poisson_nll_loss", "poisson_loss")

    targets = "values"
    between = (0.0, inf)
    takes_any_number = True
    equation = "mean(exp(x) - t x)"
    guess = "np.log(np.maximum(t.mean(axis=0), 1e-9))"
    guess_by = "the mean of the targets"
    forward = """
        expected = np.exp(x)   # the mean count
        loss = (expected - t * x).mean()
    """
    estimate = "expected = np.exp(x)"
