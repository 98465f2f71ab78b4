"""Top-k accuracy."""

from pydantic import Field

from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.metric import Metric


class TopKAccuracy(Metric):
    """The part of the examples whose class is among the k of the highest scores. By definition."""

    k: Size = Field(5, description="how many classes count as named")

    positional = 1
    needs_classes = True
    counts_examples = True
    needs_score_per_class = True
    higher_is_better = True
    is_share = True
    value = "(np.argsort(x, axis=1)[:, -k:] == true[:, None]).any(axis=1).mean()"
    weighted = "w @ (np.argsort(x, axis=1)[:, -k:] == true[:, None]).any(axis=1)"
