"""The F1 score."""

from nndsl.vocabulary.confusion import OfEachClass


class F1(OfEachClass):
    """The harmonic mean of precision and recall. van Rijsbergen 1979."""

    called = ("f1_score", "f_score", "dice")

    wants_positive = True
    functions = '''
def f1_score(true, predicted, k):
    """Return the harmonic mean of precision and recall for class k."""
    right = ((true == k) & (predicted == k)).sum()
    return 2 * right / max((true == k).sum() + (predicted == k).sum(), 1)


def weighted_f1_score(true, predicted, k, w):
    """Return the same, of examples with weights w."""
    both = w[true == k].sum() + w[predicted == k].sum()
    return 2 * w[(true == k) & (predicted == k)].sum() / both if both else 0.0
'''
