"""Metrics of one class against all others: what is called it, and what is of it."""

from __future__ import annotations

from pydantic import Field

from nndsl.vocabulary.builtin import Count
from nndsl.vocabulary.metric import Metric


class OfEachClass(Metric):
    """A share for each class: the mean over the classes is reported, or the share of one class.

    It is a function of the script, `precision_score(true, predicted, k)`, named as scikit-learn's.
    The mean is over the classes that occur, as predictions or as targets: its `average="macro"`.
    """

    positive: Count | None = Field(
        None, description="the number of the class to find; left out, the mean over all classes"
    )

    needs_classes = True
    higher_is_better = True
    is_share = True

    @property
    def value(self) -> str:  # type: ignore[override]
        score = f"{self.keyword()}_score(true, predicted"
        if self.positive is not None:
            return f"{score}, positive)"
        return f"np.mean([{score}, k) for k in np.union1d(true, predicted)])"

    def misfit(self, classes: int) -> str | None:
        if self.positive is None or self.positive < classes:
            return None
        return f"finds the class {self.positive}, and there are those from 0 to {classes - 1}"
