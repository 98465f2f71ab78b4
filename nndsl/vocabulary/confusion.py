"""Metrics of one class against all others: what is called it, and what is of it."""

from typing import ClassVar

from pydantic import Field

from nndsl.vocabulary.builtin import Count
from nndsl.vocabulary.metric import Metric

WEIGHTED_RECALL = '''
def weighted_recall_score(true, predicted, k, w):
    """Return of what is of class k the part that is called so, of examples with weights w."""
    there = w[true == k].sum()
    return w[(true == k) & (predicted == k)].sum() / there if there else 0.0
'''


class OfEachClass(Metric):
    """A share for each class: the mean over the classes is reported, or the share of one class.

    It is a function of the script, `precision_score(true, predicted, k)`, named as scikit-learn's.
    The mean is over the classes that occur, as predictions or as targets: its `average="macro"`.
    """

    positive: Count | None = Field(
        None, description="the number of the class to find; left out, the mean over all classes"
    )

    needs_classes = True
    averages_classes = True
    higher_is_better = True
    is_share = True
    wants_positive: ClassVar[bool] = False  # calling all examples that is better than calling none

    @property
    def value(self) -> str:  # type: ignore[override]
        return self._mean(f"{self.keyword()}_score(true, predicted, {{}})")

    @property
    def weighted(self) -> str:  # type: ignore[override]
        return self._mean(f"weighted_{self.keyword()}_score(true, predicted, {{}}, w)")

    def _mean(self, score: str) -> str:
        if self.positive is not None:
            return score.format("positive")
        return f"np.mean([{score.format('k')} for k in np.union1d(true, predicted)])"

    @property
    def guess(self) -> str:  # type: ignore[override]
        if self.positive is None or not self.wants_positive:
            return ""
        return "np.eye(outputs)[positive] if outputs > 1 else np.array([2.0 * positive - 1])"

    @property
    def guess_by(self) -> str:  # type: ignore[override]
        return f"class {self.positive} for every example" if self.guess else ""

    def misfit(self, classes: int) -> str | None:
        if self.positive is None or self.positive < classes:
            return None
        return f"finds the class {self.positive}, and there are those from 0 to {classes - 1}"
