"""The hinge loss of several classes."""

from pydantic import Field

from nndsl.vocabulary.builtin import PositiveReal
from nndsl.vocabulary.loss import Loss


class MulticlassHinge(Loss):
    """Sum over the other classes j of max(0, x[j] - x[t] + margin), the mean over the batch.

    The score of an example's own class is to be higher than every other by the margin; then the
    example costs nothing. The network ends with plain scores. Weston and Watkins 1999. Where these
    are minus the distances to a like and to an unlike example, it is the triplet loss (Schroff et
    al. 2015).
    """

    called = (
        "multi_margin",
        "multi_margin_loss",
        "multi_class_hinge",
        "categorical_hinge",
        "multiclass_svm",
        "triplet",
        "triplet_loss",
        "triplet_margin_loss",
    )

    margin: PositiveReal = Field(1.0, description="how much higher a class's own score shall be")

    positional = 1
    targets = "classes"
    takes_any_number = True
    equation = "multiclass_hinge(x, t, margin)"
    forward = """
        right = x[np.arange(N), t]                             # the score of each one's own class
        excess = np.maximum(0, x - right[:, None] + margin)
        loss = excess.sum(axis=1).mean() - margin              # that of the own class is the margin
    """
