"""He initialisation."""

from nndsl.vocabulary.initializer import Initializer


class He(Initializer):
    """Normal with variance 2 / fan_in, for the relu family. He et al. 2015, equation 10."""

    positional = 0
    explanation = "He initialisation: keeps the variance of relu activations equal from layer to layer."
    draw = "w = rng.standard_normal(shape) * math.sqrt(2 / fan_in)"
