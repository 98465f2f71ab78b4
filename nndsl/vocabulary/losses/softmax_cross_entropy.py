"""Softmax with cross-entropy."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from nndsl.vocabulary.builtin import Fraction, PositiveReal
from nndsl.vocabulary.functions import LOG_SOFTMAX
from nndsl.vocabulary.loss import Loss

OCCURS = "how often each class occurs"
FREQUENCIES = "np.log(np.maximum(np.bincount(t, minlength=outputs) / len(t), 1e-9))"


class SoftmaxCrossEntropy(Loss):
    """-log softmax(x)[t], the mean over the batch: for one class out of several.

    It applies the softmax itself, so that the network ends with plain scores. With
    `label_smoothing` the target is (1 - s) for the class plus s / classes for all
    (Szegedy et al. 2016). With `class_weights` each example counts as much as its class says:
    rare classes, which are easily given up, may weigh more.
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

    class_weights: tuple[PositiveReal, ...] | None = Field(
        None, min_length=2, description="how much an example of each class counts"
    )

    targets = "classes"
    applies = "softmax"
    takes_scores = True
    softens = "label_smoothing"
    functions = LOG_SOFTMAX
    estimate = "P = np.exp(log_P)"

    @property
    def guess(self) -> str:  # type: ignore[override]
        if self.class_weights is None:
            return FREQUENCIES
        count = f"np.bincount(t, minlength=outputs) * {list(map(float, self.class_weights))}"
        return f"np.log(np.maximum({count} / ({count}).sum(), 1e-9))"

    @property
    def guess_by(self) -> str:  # type: ignore[override]
        return f"{OCCURS}, by its weight" if self.class_weights is not None else OCCURS

    @property
    def plain_guess(self) -> tuple[str, str] | None:
        return (OCCURS, FREQUENCIES) if self.class_weights is not None else None

    @model_validator(mode="after")
    def _weighs_or_smoothes(self) -> Self:
        if self.class_weights is not None and self.label_smoothing:
            raise ValueError("`label_smoothing` and `class_weights` do not go together")
        return self

    def misfit_of_classes(self, classes: int) -> str:
        weights = self.class_weights
        if weights is None or len(weights) == classes:
            return ""
        return f"`class_weights` has {len(weights)} numbers, and there are {classes} classes"

    @property
    def equation(self) -> str:  # type: ignore[override]
        if self.class_weights is not None:
            return "class_weights[t] * cross-entropy(softmax(x), t)"
        if not self.label_smoothing:
            return "cross-entropy(softmax(x), t)"
        target = "(1 - label_smoothing) one_hot(t) + label_smoothing / classes"
        return f"cross-entropy(softmax(x), {target})"

    @property
    def forward(self) -> str:  # type: ignore[override]
        if self.class_weights is not None:
            return """
                log_P = log_softmax(x)   # log probabilities
                weight = np.array(class_weights, x.dtype)[t]   # of each example
                loss = -(weight * log_P[np.arange(N), t]).mean()
            """
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
        if self.class_weights is not None:
            return """
                dx = np.exp(log_P)            # P, the probabilities
                dx[np.arange(N), t] -= 1      # P - one_hot(t)
                dx *= weight[:, np.newaxis]   # each example counts as its class says
                dx /= N                       # the loss is a mean over the batch
            """
        return """
            dx = np.exp(log_P)           # P, the probabilities
            dx[np.arange(N), t] -= 1     # P - one_hot(t)
            dx /= N                      # the loss is a mean over the batch
        """
