"""Accuracy."""

from nndsl.vocabulary.metric import Metric


class Accuracy(Metric):
    """The part of the examples whose class is predicted right."""

    called = ("acc", "accuracy_score")

    needs_classes = True
    counts_examples = True
    higher_is_better = True
    is_share = True
    value = "(predicted == true).mean()"
    weighted = "w @ (predicted == true)"
