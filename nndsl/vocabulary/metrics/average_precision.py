"""Average precision."""

from nndsl.vocabulary.ranking import RankingMetric


class AveragePrecision(RankingMetric):
    """The precision at each step down the list of scores, weighted by the recall it adds.

    It sums up the curve of precision against recall, for classes that are rare. Davis and
    Goadrich 2006.
    """

    called = ("pr_auc", "auprc", "average_precision_score")

    functions = '''
def average_precision_score(score, positive):
    """Return the mean of the precision over all thresholds, weighted by the recall they add."""
    order = np.argsort(-score)
    is_last = np.append(np.diff(score[order]) != 0, True)   # ties pass a threshold together
    right = np.cumsum(positive[order])[is_last]
    called = np.arange(1, len(score) + 1)[is_last]
    added = np.diff(right, prepend=0)
    return (added * right / called).sum() / right[-1] if right[-1] else 0.0


def weighted_average_precision_score(score, positive, w):
    """Return the same, of examples with weights w."""
    order = np.argsort(-score)
    is_last = np.append(np.diff(score[order]) != 0, True)
    right = np.cumsum((w * positive)[order])[is_last]
    called = np.cumsum(w[order])[is_last]
    added = np.diff(right, prepend=0)
    return (added * right / np.where(called > 0, called, 1)).sum() / right[-1] if right[-1] else 0.0
'''
