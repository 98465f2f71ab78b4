"""Adadelta."""

from pydantic import Field

from nndsl.vocabulary.builtin import Fraction, PositiveReal
from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.schedule import Rate


class Adadelta(Optimizer):
    """Steps in the unit of the parameter: as large as the recent ones. Zeiler 2012, algorithm 1.

    The paper has no learning rate; as in PyTorch it is 1 unless you say otherwise.
    """

    lr: Rate = Field(1.0, description="how large a step is, of what the method says")
    rho: Fraction = Field(0.9, description="part of a running mean that a step keeps")
    epsilon: PositiveReal = Field(1e-6, description="gets the first steps going")

    title = "Adadelta"
    usual_rates = (1e-3, 100.0)
    adapts = True
    source = "Zeiler 2012, algorithm 1"
    state = {"v": 0.0, "s": 0.0}
    notes = {"v": "running mean of the squared gradient", "s": "running mean of the squared step"}
    update = """
        v += (1 - rho) * (g * g - v)
        move = np.sqrt(s + epsilon) / np.sqrt(v + epsilon) * g
        s += (1 - rho) * (move * move - s)
        p -= lr * move
    """
