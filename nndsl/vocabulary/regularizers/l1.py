"""L1 regularisation."""

from pydantic import Field

from nndsl.vocabulary.builtin import NonNegativeReal
from nndsl.vocabulary.regularizer import Regularizer


class L1(Regularizer):
    """strength sum|w| over all weights: drives many of them to 0. Tibshirani 1996 ("lasso")."""

    called = ("lasso",)

    strength: NonNegativeReal = Field(description="how much weights cost")

    constants = {"strength": "L1"}
    equation = "strength sum |W|"
    forward = "penalty = strength * sum(np.abs(w).sum() for w in weights)"
