"""Perplexity."""

from nndsl.vocabulary.metric import Metric


class Perplexity(Metric):
    """exp of the loss: among so many classes the network hesitates. Jelinek et al. 1977."""

    needs_classes = True
    value = "math.exp(min(loss, 700))"
    note = "as a guess among so many is; e**710 is no float"
