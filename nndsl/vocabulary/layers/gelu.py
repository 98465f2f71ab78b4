"""The Gaussian error linear unit."""

from nndsl.vocabulary.layer import Layer


class Gelu(Layer):
    """y = x P(Z <= x) for a standard normal Z, in the tanh form. Hendrycks and Gimpel 2016.

    Numpy has no erf; the tanh form is within 0.001 of the exact one (PyTorch's
    `approximate="tanh"`). It halves the signal as relu does, so He's weights suit it.
    """

    nonlinear = True
    recommended_init = "he"
    equation = "y = x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))"
    forward = """
        u = math.sqrt(8 / math.pi) * (x + 0.044715 * x * x * x)   # GELU, a smooth relu
        share = sigmoid(u)   # (1 + tanh(`u` / 2)) / 2
        y = x * share
    """
    backward = """
        slope = math.sqrt(8 / math.pi) * (1 + 3 * 0.044715 * x * x)   # of `u` at `x`
        dx = dy * (share + y * (1 - share) * slope)   # `x` stands in `share`, too
    """
