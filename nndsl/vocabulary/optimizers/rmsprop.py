"""RMSprop."""

from pydantic import Field

from nndsl.vocabulary.builtin import Fraction, PositiveReal
from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.schedule import Rate


class Rmsprop(Optimizer):
    """Steps divided by the recent size of the gradient. Hinton 2012, lecture 6e.

    Constants are PyTorch's, whose `alpha` is rho.
    """

    lr: Rate = Field(0.01, description="how large a step is")
    rho: Fraction = Field(0.99, description="part of the running mean that a step keeps")
    epsilon: PositiveReal = Field(1e-8, description="guard against 0 / 0")

    title = "RMSprop"
    usual_rates = (1e-6, 0.1)
    adapts = True
    source = "Hinton 2012, lecture 6e"
    state = {"v": 0.0}
    notes = {"v": "running mean of the squared gradient"}
    questions = """
        What does a running mean change, against a sum of all squared gradients?
        = It forgets: the steps do not die away, and follow how steep it is now.
    """
    update = """
        v += (1 - rho) * (g * g - v)
        p -= lr * g / (np.sqrt(v) + epsilon)
    """
