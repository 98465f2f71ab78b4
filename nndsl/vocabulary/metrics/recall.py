"""Recall."""

from nndsl.vocabulary.confusion import WEIGHTED_RECALL, OfEachClass


class Recall(OfEachClass):
    """Of what is of a class, the part that is called it. van Rijsbergen 1979."""

    called = ("sensitivity", "recall_score")

    functions = f'''
def recall_score(true, predicted, k):
    """Return of what is of class k the part that is called so; 0 where nothing is of it."""
    return ((true == k) & (predicted == k)).sum() / max((true == k).sum(), 1)

{WEIGHTED_RECALL}'''
