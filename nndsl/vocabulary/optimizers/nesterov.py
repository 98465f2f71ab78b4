"""Nesterov's accelerated gradient."""

from pydantic import Field

from nndsl.vocabulary.builtin import Fraction
from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.schedule import Rate


class Nesterov(Optimizer):
    """Momentum that looks ahead: the step already contains the next one's velocity. Nesterov 1983.

    In the form of Sutskever et al. 2013 rearranged as in PyTorch, so that the gradient is taken
    at the parameters themselves.
    """

    lr: Rate = Field(0.001, description="how large a step is")
    momentum: Fraction = Field(0.9, description="part of the velocity kept from step to step")

    title = "Nesterov's momentum"
    usual_rates = (1e-6, 2.0)
    source = "Nesterov 1983, in the form of Sutskever et al. 2013"
    state = {"v": 0.0}
    notes = {"v": "velocity: a decaying sum of the gradients"}
    update = """
        v *= momentum
        v += g
        p -= lr * (g + momentum * v)   # not `v`, but where it will be a step later
    """
