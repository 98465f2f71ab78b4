"""Adam."""

from pydantic import Field

from nndsl.vocabulary.builtin import Fraction, PositiveReal
from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.schedule import Rate


class Adam(Optimizer):
    """Steps of a size that adapts to each parameter's gradients. Kingma and Ba 2015, algorithm 1.

    With bias correction, and epsilon outside the root, as in the paper and in PyTorch.
    """

    lr: Rate = Field(0.001, description="how large a step is")
    beta1: Fraction = Field(0.9, description="part of a running mean that a step keeps")
    beta2: Fraction = Field(0.999, description="part of a running mean that a step keeps")
    epsilon: PositiveReal = Field(1e-8, description="guard against 0 / 0")

    title = "Adam"
    usual_rates = (1e-6, 0.1)
    adapts = True
    decoupled = "adamw"
    source = "Kingma and Ba 2015, algorithm 1"
    state = {"m": 0.0, "v": 0.0}
    notes = {"m": "running mean of the gradient", "v": "running mean of its square"}
    questions = """
        How large is the very first step of a parameter, whatever its gradient?
        = About lr: m_hat is g and v_hat is g², so that m_hat / sqrt(v_hat) is 1 or -1.

        All gradients become ten times as large. What happens to the steps?
        = Nothing: both means grow alike, but for epsilon.
    """
    update = """
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g * g - v)
        m_hat = m / (1 - beta1**step)   # both means start at 0: undo that bias
        v_hat = v / (1 - beta2**step)
        p -= lr * m_hat / (np.sqrt(v_hat) + epsilon)
    """
