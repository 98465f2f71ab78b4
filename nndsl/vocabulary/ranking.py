"""Metrics of the order that scores put examples in, whatever threshold makes classes of them."""

from __future__ import annotations

from nndsl.vocabulary.metric import Metric


class RankingMetric(Metric):
    """A function of scores and of which are positive, `roc_auc_score`, named as scikit-learn's.

    Two classes: of the second one. More: of each class that occurs against all others, and the
    mean of these (scikit-learn's `average="macro"`, `multi_class="ovr"`).
    """

    needs_classes = True
    takes_estimate = True
    higher_is_better = True
    is_share = True
    value = ""

    def for_outputs(self, count: int) -> str:
        name = f"{self.keyword()}_score"
        if count == 1:
            return f"{name}(x[:, 0], true)"
        if count == 2:
            return f"{name}(x[:, 1], true == 1)"
        return f"np.mean([{name}(x[:, k], true == k) for k in np.unique(true)])"
