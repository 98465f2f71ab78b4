"""A bound on each number of the gradient."""

from pydantic import Field

from nndsl.vocabulary.builtin import PositiveReal
from nndsl.vocabulary.clip import Clip


class Value(Clip):
    """Cuts each number of the gradient to [-limit, limit]. Mikolov 2012; as clip_grad_value_."""

    limit: PositiveReal = Field(description="the greatest size of each number")

    bound = "limit"
    constants = {"limit": "MAX_GRADIENT"}
    apply = """
        gradients = {name: np.clip(g, -limit, limit) for name, g in gradients.items()}
    """
