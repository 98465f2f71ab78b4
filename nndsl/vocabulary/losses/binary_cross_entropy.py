"""Binary cross-entropy."""

from nndsl.vocabulary.loss import Loss


class BinaryCrossEntropy(Loss):
    """-t log p - (1 - t) log(1 - p) for p = sigmoid(x), the mean over all elements.

    It applies the sigmoid itself, so that the network ends with plain scores: one for two
    classes, or several for questions that are answered yes or no independently. Targets lie in
    [0, 1]. The maximum-likelihood loss of logistic regression, Cox 1958.
    """

    called = (
        "bce_loss",
        "bce_with_logits",
        "bce_with_logits_loss",
        "binary_crossentropy",
        "sigmoid_cross_entropy",
    )

    targets = "values"
    applies = "sigmoid"
    between = (0.0, 1.0)
    binary_limit = 0.0
    equation = "binary-cross-entropy(sigmoid(x), t)"
    guess = "np.log(np.maximum(t.mean(axis=0), 1e-9) / np.maximum(1 - t.mean(axis=0), 1e-9))"
    guess_by = "how often the answer is yes"
    derivation = r"""
        Take one output $z$ with $p = 1 / (1 + e^{-z})$ and its target $t$. The loss is
        $$-t \log p - (1 - t) \log (1 - p) = t \log \left(1 + e^{-z}\right)
        + (1 - t) \log \left(1 + e^{z}\right)$$
        The two logarithms have the slopes $-(1 - p)$ and $p$. Together $-t (1 - p) + (1 - t) p =
        p - t$: once more what was said, less what is right.
    """
    forward = """
        yes = np.logaddexp(0, -x)   # -log P, for P = sigmoid(`x`)
        no = np.logaddexp(0, x)     # -log(1 - P)
        loss = (t * yes + (1 - t) * no).mean()
    """
    estimate = "P = sigmoid(x)   # the probability of a yes"
