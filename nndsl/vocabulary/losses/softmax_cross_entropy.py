"""Softmax with cross-entropy."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from nndsl.vocabulary.builtin import Fraction, PositiveReal
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.preparation import Step

BALANCED = "balanced"
OCCURS = "how often each class occurs"
FREQUENCIES = "np.log(np.maximum(np.bincount(t, minlength=outputs) / len(t), 1e-9))"


DERIVATION = r"""
Take one example with the scores $z$, its class $t$, and $p = \mathrm{softmax}(z)$. The
loss is
$$-\log p_t = -z_t + \log \sum_k e^{z_k}$$
The first term has a slope by $z_t$ alone, which is $-1$. The second one has, by each
$z_j$,
$$\frac{e^{z_j}}{\sum_k e^{z_k}} = p_j$$
Together: $p_j - 1$ for the class, and $p_j$ for all others, that is $P - T$ where $T$ has
a 1 in the place of the class. The exponentials and the logarithm have cancelled, which is
why the two are one layer. The loss is a mean over $N$ examples, or over
all positions of $N$ examples: all of it is divided by how many they are.
"""


Numbers = Annotated[tuple[PositiveReal, ...], Field(min_length=2)]
Weights = Annotated[
    Numbers | Literal["balanced"] | None,
    BeforeValidator(lambda value: BALANCED if value == (BALANCED,) else value),
]


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

    class_weights: Weights = Field(
        None,
        description="how much an example of each class counts; balanced: all classes as much, "
        "by how often they occur in the training part",
    )

    targets = "classes"
    applies = "softmax"
    takes_scores = True
    questions = """
        A network that knows nothing gives each of K classes the same probability. Which loss does
        it have?
        = log K: 2.30 for ten classes. A first loss far above it says that the weights begin too
        large.

        What do the gradients of the scores of one example add up to?
        = To 0: the probabilities add up to 1, and the target does. What one score gains, others
        lose.
    """
    softens = "label_smoothing"
    estimate = "P = np.exp(log_P)"

    @property
    def derivation(self) -> str:  # type: ignore[override]
        is_plain = self.class_weights is None and not self.label_smoothing
        return DERIVATION if is_plain else ""

    @property
    def guess(self) -> str:  # type: ignore[override]
        if self.class_weights is None:
            return FREQUENCIES
        if self.class_weights == BALANCED:
            return "np.log(np.maximum((np.bincount(t, minlength=outputs) > 0) / outputs, 1e-9))"
        count = f"np.bincount(t, minlength=outputs) * {list(map(float, self.class_weights))}"
        return f"np.log(np.maximum({count} / ({count}).sum(), 1e-9))"

    @property
    def guess_by(self) -> str:  # type: ignore[override]
        return f"{OCCURS}, weighted" if self.class_weights is not None else OCCURS

    @property
    def plain_guess(self) -> tuple[str, str] | None:
        return (OCCURS, FREQUENCIES) if self.class_weights is not None else None

    @property
    def found(self) -> Step | None:
        if self.class_weights != BALANCED:
            return None
        fit = """
            counts = np.bincount({seen}, minlength={classes})
            class_weights = (len({seen}) / {classes} / np.maximum(counts, 1)).astype(dtype)
            statistics.update(class_weights=class_weights)   # each class counts as much in all
        """
        return Step(("class_weights",), fit, before='"class_weights": np.ones({classes})')

    @model_validator(mode="after")
    def _weighs_or_smoothes(self) -> Self:
        if self.class_weights is not None and self.label_smoothing:
            raise ValueError("`label_smoothing` and `class_weights` do not go together")
        return self

    def misfit_of_classes(self, classes: int) -> str:
        weights = self.class_weights
        if weights is None or weights == BALANCED or len(weights) == classes:
            return ""
        return f"`class_weights` has {len(weights)} numbers, and there are {classes} classes"

    @property
    def equation(self) -> str:  # type: ignore[override]
        if self.class_weights == BALANCED:
            return "weight(t) * cross-entropy(softmax(x), t)"
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
