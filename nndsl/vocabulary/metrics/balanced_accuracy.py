"""Balanced accuracy."""

from nndsl.vocabulary.confusion import WEIGHTED_RECALL
from nndsl.vocabulary.metric import Metric


class BalancedAccuracy(Metric):
    """The mean over the classes of the part of their examples that is right.

    So rare classes count as much as frequent ones. Brodersen et al. 2010.
    """

    needs_classes = True
    averages_classes = True
    higher_is_better = True
    is_share = True
    value = "np.mean([(predicted[true == k] == k).mean() for k in np.unique(true)])"
    weighted = (
        "np.mean([weighted_recall_score(true, predicted, k, w) for k in np.unique(true[w > 0])])"
    )
    functions = WEIGHTED_RECALL
