"""Numerical differentiation."""

from pydantic import Field

from nndsl.vocabulary.builtin import PositiveReal
from nndsl.vocabulary.gradient import Gradient


class Numerical(Gradient):
    """Central differences: each number of each parameter is moved up and down by h.

    It runs the network twice for every number of the parameters at every step, so that it suits
    small networks alone. It needs `dtype = float64`. The numerical_gradient of Saito 2016,
    Deep Learning from Scratch, section 4.3, where h is 1e-4 as here.
    """

    h: PositiveReal = Field(1e-4, description="how far a number is moved up and down")

    method = "by central differences"
    needs_float64 = (
        "of the 7 digits of float32, a difference of two losses that are almost equal leaves few"
    )
    constants = {"h": "H"}
    estimate = """
        g = np.zeros_like(p)
        for i in np.ndindex(p.shape):
            number = p[i]
            p[i] = number + h
            above = total(X, t)
            p[i] = number - h
            below = total(X, t)
            p[i] = number                         # as it was
            g[i] = (above - below) / (2 * h)      # the slope along this number
    """
