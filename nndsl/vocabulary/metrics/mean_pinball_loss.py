"""The pinball loss."""

from pydantic import Field

from nndsl.vocabulary.builtin import Fraction
from nndsl.vocabulary.metric import Metric


class MeanPinballLoss(Metric):
    """How well x is the alpha-quantile of t: errors below it weigh alpha, above it 1 - alpha.

    The mean over all elements. Koenker and Bassett 1978.
    """

    alpha: Fraction = Field(0.5, description="the quantile: the part of targets that lies below x")

    positional = 1
    needs_values = True
    takes_estimate = True
    guess = "np.quantile(t, alpha, axis=0)"
    guess_by = "a quantile of the targets"
    value = "np.maximum(alpha * (t - x), (alpha - 1) * (t - x)).mean()"
    weighted = "(w @ np.maximum(alpha * (t - x), (alpha - 1) * (t - x))).mean()"
