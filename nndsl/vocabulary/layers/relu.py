"""The rectified linear unit."""

from nndsl.vocabulary.layer import Layer


class Relu(Layer):
    """y = max(0, x). Nair and Hinton 2010."""

    positional = 0
    nonlinear = True
    suits = "he"
    equation = "y = max(0, x)"
    forward = "y = np.maximum(0, x)"
    backward = "dx = dy * (x > 0)   # relu passes it on where `x` > 0"
