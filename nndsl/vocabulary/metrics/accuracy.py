"""Accuracy."""

from nndsl.vocabulary.metric import Metric


class Accuracy(Metric):
    """The part of the examples whose class is predicted right."""

    needs_classes = True
    higher_is_better = True
    is_share = True
    value = "(predicted == true).mean()"
