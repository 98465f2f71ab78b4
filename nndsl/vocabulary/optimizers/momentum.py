"""Gradient descent with momentum."""

from pydantic import Field

from nndsl.vocabulary.builtin import Fraction
from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.schedule import Rate


class Momentum(Optimizer):
    """v <- momentum v + g; p <- p - lr v: a ball that rolls downhill. Polyak 1964.

    In PyTorch's form, where the learning rate stands outside the velocity.
    """

    lr: Rate = Field(0.001, description="how large a step is")
    momentum: Fraction = Field(0.9, description="part of the velocity kept from step to step")

    title = "momentum"
    usual_rates = (1e-6, 2.0)
    source = "Polyak 1964"
    state = {"v": 0.0}
    notes = {"v": "velocity: a decaying sum of the gradients"}
    questions = """
        All gradients are equal for a long time. How large does a step become, with a momentum of
        0.9?
        = Ten times lr g: 1 + 0.9 + 0.81 + … = 1 / (1 - 0.9).
    """
    update = """
        v *= momentum
        v += g
        p -= lr * v
    """
