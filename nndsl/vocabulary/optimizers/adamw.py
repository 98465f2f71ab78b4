"""Adam with decoupled weight decay."""

from pydantic import Field

from nndsl.vocabulary.builtin import Fraction, NonNegativeReal, PositiveReal
from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.schedule import Rate


class Adamw(Optimizer):
    """Adam, and weights that shrink a little at each step. Loshchilov and Hutter 2019, algorithm 2.

    Weights alone decay, never biases or the parameters of a normalisation. Constants are PyTorch's.
    """

    lr: Rate = Field(0.001, description="how large a step is")
    weight_decay: NonNegativeReal = Field(
        0.01, description="part of a weight, times the learning rate, that goes at each step"
    )
    beta1: Fraction = Field(0.9, description="part of a running mean that a step keeps")
    beta2: Fraction = Field(0.999, description="part of a running mean that a step keeps")
    epsilon: PositiveReal = Field(1e-8, description="guard against 0 / 0")

    title = "AdamW"
    usual_rates = (1e-6, 0.1)
    adapts = True
    decoupled = "adamw"
    source = "Loshchilov and Hutter 2019, algorithm 2"
    state = {"m": 0.0, "v": 0.0}
    notes = {"m": "running mean of the gradient", "v": "running mean of its square"}
    decay = "p *= 1 - lr * weight_decay   # not through g, which is rescaled below"
    update = """
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g * g - v)
        m_hat = m / (1 - beta1**step)   # both means start at 0: undo that bias
        v_hat = v / (1 - beta2**step)
        p -= lr * m_hat / (np.sqrt(v_hat) + epsilon)
    """
