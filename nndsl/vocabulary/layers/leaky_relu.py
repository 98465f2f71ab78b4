"""The leaky rectified linear unit."""

from pydantic import Field

from nndsl.vocabulary.builtin import NonNegativeReal
from nndsl.vocabulary.layer import Layer


class LeakyRelu(Layer):
    """y = x where x > 0, else slope x: a relu that never goes silent. Maas et al. 2013."""

    called = ("lrelu",)

    slope: NonNegativeReal = Field(0.01, description="slope where x is negative")

    nonlinear = True
    recommended_init = "he"
    equation = "y = max(0, x) + slope min(0, x)"
    forward = "y = np.where(x > 0, x, slope * x)"
