"""All zeros."""

from nndsl.vocabulary.initializer import Initializer


class Zeros(Initializer):
    """0 everywhere: right for biases; weights that begin equal stay equal."""

    positional = 0
    explanation = "Zeros."
    draw = "w = np.zeros(shape, dtype)"
