"""The hyperbolic tangent."""

from nndsl.vocabulary.layer import Layer


class Tanh(Layer):
    """y = tanh(x): a sigmoid centred on 0. LeCun et al. 1998 ("Efficient BackProp")."""

    positional = 0
    bounds = (-1.0, 1.0)
    nonlinear = True
    equation = "y = tanh(x)"
    forward = "y = np.tanh(x)"
