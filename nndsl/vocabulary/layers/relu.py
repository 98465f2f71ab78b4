"""The rectified linear unit."""

import math

from nndsl.vocabulary.layer import Layer


class Relu(Layer):
    """y = max(0, x). Nair and Hinton 2010."""

    positional = 0
    bounds = (0.0, math.inf)
    nonlinear = True
    recommended_init = "he"
    equation = "y = max(0, x)"
    forward = "y = np.maximum(0, x)"
