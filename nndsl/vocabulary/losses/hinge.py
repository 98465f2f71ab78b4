"""The hinge loss."""

from pydantic import Field

from nndsl.vocabulary.builtin import PositiveReal
from nndsl.vocabulary.loss import Loss


class Hinge(Loss):
    """max(0, margin - x) for a yes and max(0, margin + x) for a no, the mean over all elements.

    The loss of a support vector machine: what is right by more than the margin costs nothing. The
    network ends with plain scores: one for two classes, or one for each class against the others;
    `multiclass_hinge` compares the classes with each other. Cortes and Vapnik 1995.
    """

    called = ("hinge_loss", "svm", "svm_loss", "max_margin")

    margin: PositiveReal = Field(1.0, description="how far on its side of 0 a score shall be")

    positional = 1
    targets = "values"
    between = (0.0, 1.0)
    measures_distance = False
    binary_limit = 0.0
    takes_any_number = True
    equation = "mean(max(0, margin - (2 t - 1) x))"
    guess_by = "the more frequent answer"
    forward = """
        side = 2 * t - 1             # 1 for a yes, -1 for a no
        missing = margin - side * x
        loss = np.maximum(0, missing).mean()
    """
    backward = "dx = -side * (missing > 0) / missing.size   # no slope where the margin is kept"

    @property
    def guess(self) -> str:  # type: ignore[override]
        return f"np.where(t.mean(axis=0) > 0.5, {self.margin!r}, {-self.margin!r})"
