"""The mean absolute error."""

from nndsl.vocabulary.loss import Loss


class MeanAbsoluteError(Loss):
    """|x - t|, the mean over all elements: kinder to outliers than squares are. Laplace 1774."""

    called = ("l1_loss", "absolute_error")

    targets = "values"
    equation = "mean(|x - t|)"
    guess = "np.median(t, axis=0)"
    guess_by = "the median of the targets"
    forward = """
        error = x - t
        loss = np.abs(error).mean()
    """
