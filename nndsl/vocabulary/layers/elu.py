"""The exponential linear unit."""

from pydantic import Field

from nndsl.vocabulary.builtin import NonNegativeReal
from nndsl.vocabulary.layer import Layer


class Elu(Layer):
    """y = x where x > 0, else alpha (exp(x) - 1). Clevert et al. 2016, with He's weights."""

    alpha: NonNegativeReal = Field(1.0, description="y comes down to -alpha for very negative x")

    nonlinear = True
    reasons = {"dx": "the slope of alpha (exp(x) - 1) is alpha exp(x)"}
    recommended_init = "he"
    equation = "y = max(0, x) + alpha (exp(min(0, x)) - 1)"
    forward = """
        below = alpha * np.expm1(np.minimum(0, x))   # exp(`x`) - 1; a large `x` would overflow
        y = np.where(x > 0, x, below)
    """
