"""The contrastive loss."""

from pydantic import Field

from nndsl.vocabulary.builtin import PositiveReal
from nndsl.vocabulary.loss import Loss


class Contrastive(Loss):
    """(1 - t) x^2 + t max(0, margin - x)^2, the mean over all elements: x is a distance.

    The distance of two examples, which the network computes from both: those that are alike (0)
    are drawn together, and those that differ (1) are pushed apart until they are a margin away
    from each other. Hadsell, Chopra and LeCun 2006, who take half of it.
    """

    called = ("contrastive_loss",)

    margin: PositiveReal = Field(1.0, description="how far apart examples that differ shall be")

    positional = 1
    targets = "values"
    between = (0.0, 1.0)
    measures_distance = False
    equation = "mean((1 - t) x^2 + t max(0, margin - x)^2)"
    forward = """
        missing = np.maximum(0, margin - x)   # of the margin
        loss = ((1 - t) * x * x + t * missing * missing).mean()
    """
    backward = "dx = 2 * ((1 - t) * x - t * missing) / x.size"

    @property
    def binary_limit(self) -> float:  # type: ignore[override]
        return self.margin / 2
