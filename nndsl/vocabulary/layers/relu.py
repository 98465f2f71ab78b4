"""The rectified linear unit."""

import math

from nndsl.vocabulary.layer import Layer


class Relu(Layer):
    """y = max(0, x). Nair and Hinton 2010."""

    bounds = (0.0, math.inf)
    nonlinear = True
    recommended_init = "he"
    derivation = r"""
        $\max(0, x)$ is $x$ where $x > 0$, with the slope 1, and 0 elsewhere, with the slope 0. So
        what comes in passes on where the unit was active, and nothing passes where it was not. At
        0 itself there is no slope; one takes 0.
    """
    questions = """
        What happens to a unit of `relu` whose input is negative for every example?
        = It outputs 0, and its weights get no gradient: unless the layers before it bring it back,
        it is dead.
    """
    equation = "y = max(0, x)"
    forward = "y = np.maximum(0, x)"
