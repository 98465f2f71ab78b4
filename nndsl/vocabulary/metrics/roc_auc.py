"""The area under the ROC curve."""

from nndsl.vocabulary.ranking import RankingMetric


class RocAuc(RankingMetric):
    """How often an example of a class has a higher score for it than one of another class.

    Ties count half: the area under the curve of true against false positives. Fawcett 2006.
    """

    called = ("auc", "auroc", "roc_auc_score")

    functions = '''
def roc_auc_score(score, positive):
    """Return how often a positive example has a higher score than a negative one."""
    others = np.sort(score[~positive])
    below = np.searchsorted(others, score[positive], side="left")
    not_above = np.searchsorted(others, score[positive], side="right")   # ties count half
    pairs = len(others) * len(below)
    return (below + not_above).sum() / (2 * pairs) if pairs else math.nan


def weighted_roc_auc_score(score, positive, w):
    """Return the same, of examples with weights w: a pair counts as their product."""
    order = np.argsort(score[~positive])
    others, total = score[~positive][order], np.append(0, np.cumsum(w[~positive][order]))
    below = total[np.searchsorted(others, score[positive], side="left")]
    not_above = total[np.searchsorted(others, score[positive], side="right")]
    pairs = total[-1] * w[positive].sum()
    return w[positive] @ (below + not_above) / (2 * pairs) if pairs else math.nan
'''
