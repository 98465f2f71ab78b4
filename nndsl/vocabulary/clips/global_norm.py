"""A bound on the length of the whole gradient."""

from pydantic import Field

from nndsl.vocabulary.builtin import PositiveReal
from nndsl.vocabulary.clip import Clip


class GlobalNorm(Clip):
    """Shortens the gradient, all of it as one vector, to at most max_norm. Pascanu et al. 2013.

    In the form of PyTorch's clip_grad_norm_, whose 1e-6 keeps the division finite.
    """

    max_norm: PositiveReal = Field(description="the greatest length of the gradient")

    bound = "max_norm"
    constants = {"max_norm": "MAX_NORM"}
    apply = """
        norm = math.sqrt(sum(float((g * g).sum()) for g in gradients.values()))
        shrink = min(1.0, max_norm / (norm + 1e-6))   # cut what is too long, and keep its direction
        gradients = {name: g * shrink for name, g in gradients.items()}
    """
