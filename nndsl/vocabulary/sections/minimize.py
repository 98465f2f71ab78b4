"""The descent on a formula."""

from pydantic import Field

from nndsl.vocabulary.builtin import Size, Unevaluated
from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.section import Section


class Minimize(Section):
    """An optimizer's path on a formula, from `start(x=…, y=…)`, which names the variables."""

    f: Unevaluated = Field(description="the formula to make small")
    optimizer: Optimizer = Field(description="how a gradient moves the variables")
    steps: Size = Field(100, description="how many steps")
