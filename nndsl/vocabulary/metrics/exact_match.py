"""Exact matches."""

from nndsl.vocabulary.metric import Metric


class ExactMatch(Metric):
    """The part of the examples that are right at every position. As in Rajpurkar et al. 2016.

    Where a decoder reads the right answer so far, as `addition(teacher=true)` gives it, one mistake
    does not lead to the next: what `sample` writes by itself is right less often.
    """

    needs_classes = True
    counts_examples = True
    higher_is_better = True
    value = "(predicted == true).reshape(N, -1).all(axis=1).mean()"
    weighted = "w @ (predicted == true).reshape(N, -1).all(axis=1)"
    value_with_gaps = "1 - len(np.unique(example[predicted != true])) / N"
