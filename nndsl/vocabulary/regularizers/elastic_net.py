"""L1 and L2 regularisation together."""

from pydantic import Field

from nndsl.vocabulary.builtin import NonNegativeReal
from nndsl.vocabulary.regularizer import Regularizer


class ElasticNet(Regularizer):
    """l1 sum|w| + 1/2 l2 sum(w^2) over all weights. Zou and Hastie 2005.

    Each part is what the regularizer of its name is alone.
    """

    called = ("l1_l2",)

    l1: NonNegativeReal = Field(description="how much weights cost")
    l2: NonNegativeReal = Field(description="how much large weights cost")

    positional = 2
    constants = {"l1": "L1", "l2": "L2"}
    equation = "l1 sum |W| + 1/2 l2 sum W^2"
    reasons = {"dw": "the slopes of |w| and of 1/2 w^2"}
    forward = "penalty = sum(l1 * np.abs(w).sum() + 0.5 * l2 * (w * w).sum() for w in weights)"
