"""Metrics of the order that scores put examples in, whatever threshold makes classes of them."""

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

    def for_outputs(self, count: int, *, weighs: bool = False) -> str:
        name, w = f"{self.keyword()}_score", ", w" * weighs
        name = f"weighted_{name}" if weighs else name
        if count == 1:
            return f"{name}(x[:, 0], true{w})"
        if count == 2:
            return f"{name}(x[:, 1], true == 1{w})"
        return f"np.mean([{name}(x[:, k], true == k{w}) for k in np.unique(true)])"
