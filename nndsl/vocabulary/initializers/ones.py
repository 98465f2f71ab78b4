"""All ones."""

from nndsl.vocabulary.initializer import Initializer


class Ones(Initializer):
    """1 everywhere."""

    positional = 0
    explanation = "Ones."
    draw = "w = np.ones(shape, dtype)"
