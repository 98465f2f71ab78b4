"""Xavier (Glorot) initialisation."""

from nndsl.vocabulary.initializer import Initializer


class Xavier(Initializer):
    """Normal with variance 2 / (fan_in + fan_out). Glorot and Bengio 2010, equation 12."""

    positional = 0
    explanation = "Xavier initialisation: a compromise between equal signals forward and equal gradients backward."
    draw = "w = rng.standard_normal(shape) * math.sqrt(2 / (fan_in + fan_out))"
