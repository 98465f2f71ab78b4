"""The softplus function."""

import math

from nndsl.vocabulary.layer import Layer


class Softplus(Layer):
    """y = log(1 + exp(x)): a relu without the corner. Dugas et al. 2001.

    As a member of the relu family it gets He's weights; Glorot et al. 2011 compare the two.
    """

    bounds = (0.0, math.inf)
    nonlinear = True
    recommended_init = "he"
    equation = "y = log(1 + exp(x))"
    forward = "y = np.logaddexp(0, x)   # log(exp(0) + exp(`x`)), in a form that never overflows"
    optimized_forward = """
        decay = np.exp(np.minimum(x, -x))   # exp(-|`x`|) never overflows
        y = np.maximum(0, x) + np.log1p(decay)
    """
    optimized_backward = "dx = dy * np.exp(np.minimum(0, x)) / (1 + decay)   # the sigmoid"
