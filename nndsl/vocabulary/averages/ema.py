"""A running mean of the weights."""

from pydantic import Field

from nndsl.vocabulary.average import Average
from nndsl.vocabulary.builtin import Fraction


class Ema(Average):
    """A running mean of the weights, moved after each step. Polyak and Juditsky 1992.

    a <- a + (1 - decay) (w - a), with a greater share in the first steps, 9 / (10 + step), as in
    TensorFlow's ExponentialMovingAverage. Running statistics are those of training.
    """

    called = ("exponential_moving_average", "polyak", "model_ema")

    decay: Fraction = Field(0.999, description="part of the mean that a step keeps")

    constants = {"decay": "EMA_DECAY"}
    step = """
        share = max(1 - decay, 9 / (10 + step))   # with few steps behind it, it forgets faster
        for name, p in params.items():
            averages[name] += share * (p - averages[name])
    """
