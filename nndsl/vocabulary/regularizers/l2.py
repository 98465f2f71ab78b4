"""L2 regularisation, also called weight decay."""

from pydantic import Field

from nndsl.vocabulary.builtin import NonNegativeReal
from nndsl.vocabulary.regularizer import Regularizer


class L2(Regularizer):
    """1/2 strength sum(w^2) over all weights. Krogh and Hertz 1991."""

    called = ("ridge", "weight_decay", "tikhonov")

    strength: NonNegativeReal = Field(description="how much large weights cost")

    decays = "strength"
    constants = {"strength": "L2"}
    meanings = {"strength": "regularization"}
    equation = "1/2 strength sum W^2"
    forward = "penalty = 0.5 * strength * sum((w * w).sum() for w in weights)"
