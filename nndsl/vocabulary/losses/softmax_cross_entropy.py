"""Softmax with cross-entropy."""

from __future__ import annotations

from pydantic import Field

from nndsl.vocabulary.builtin import Fraction
from nndsl.vocabulary.functions import LOG_SOFTMAX
from nndsl.vocabulary.loss import Loss


class SoftmaxCrossEntropy(Loss):
    """-log softmax(x)[t], the mean over the batch: for one class out of several.

    It applies the softmax itself, so that the network ends with plain scores. With
    `label_smoothing` the target is (1 - s) for the class plus s / classes for all
    (Szegedy et al. 2016).
    """

    called = (
        "cross_entropy",
        "cross_entropy_loss",
        "categorical_crossentropy",
        "categorical_cross_entropy",
        "sparse_categorical_crossentropy",
        "nll",
        "nll_loss",
    )
    class_names = {"book": "SoftmaxWithLoss"}

    label_smoothing: Fraction = Field(0.0, description="part of the target spread over all classes")

    targets = "classes"
    applies = "softmax"
    takes_scores = True
    softens = "label_smoothing"
    functions = LOG_SOFTMAX
    guess = "np.log(np.maximum(np.bincount(t, minlength=outputs) / len(t), 1e-9))"
    guess_by = "how often each class occurs"
    estimate = "P = np.exp(log_P)"

    @property
    def equation(self) -> str:  # type: ignore[override]
        if not self.label_smoothing:
            return "cross-entropy(softmax(x), t)"
        target = "(1 - label_smoothing) one_hot(t) + label_smoothing / classes"
        return f"cross-entropy(softmax(x), {target})"

    @property
    def forward(self) -> str:  # type: ignore[override]
        loss = "-log_P[np.arange(N), t].mean()"
        if self.label_smoothing:
            loss = f"(1 - label_smoothing) * {loss} - label_smoothing * log_P.mean()"
        return f"""
            log_P = log_softmax(x)   # log probabilities
            loss = {loss}
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        if self.label_smoothing:
            return """
                dx = np.exp(log_P) - label_smoothing / x.shape[1]   # P - target
                dx[np.arange(N), t] -= 1 - label_smoothing
                dx /= N                                             # a mean over the batch
            """
        return """
            dx = np.exp(log_P)           # P, the probabilities
            dx[np.arange(N), t] -= 1     # P - one_hot(t)
            dx /= N                      # the loss is a mean over the batch
        """
