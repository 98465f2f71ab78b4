"""Precision."""

from nndsl.vocabulary.confusion import OfEachClass


class Precision(OfEachClass):
    """Of what is called a class, the part that is of it. van Rijsbergen 1979."""

    called = ("precision_score", "positive_predictive_value")

    wants_positive = True
    functions = '''
def precision_score(true, predicted, k):
    """Return of what is called class k the part that is of it; 0 where nothing is called so."""
    return ((true == k) & (predicted == k)).sum() / max((predicted == k).sum(), 1)


def weighted_precision_score(true, predicted, k, w):
    """Return the same, of examples with weights w."""
    called = w[predicted == k].sum()
    return w[(true == k) & (predicted == k)].sum() / called if called else 0.0
'''
