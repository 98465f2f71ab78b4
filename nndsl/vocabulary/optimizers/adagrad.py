"""AdaGrad."""

from pydantic import Field

from nndsl.vocabulary.builtin import PositiveReal
from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.schedule import Rate


class Adagrad(Optimizer):
    """Steps that shrink with all the gradient a parameter has seen. Duchi et al. 2011."""

    lr: Rate = Field(0.01, description="how large a step is")
    epsilon: PositiveReal = Field(1e-10, description="guard against 0 / 0")

    title = "AdaGrad"
    usual_rates = (1e-5, 2.0)  # its first step moves every parameter by lr
    adapts = True
    source = "Duchi et al. 2011"
    state = {"h": 0.0}
    notes = {"h": "sum of the squared gradients"}
    questions = """
        What becomes of the steps in a long training?
        = They shrink towards 0: the sum below the root only grows.
    """
    update = """
        h += g * g
        p -= lr * g / (np.sqrt(h) + epsilon)
    """
