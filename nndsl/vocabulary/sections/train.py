"""The training section."""

from typing import Literal, get_args

from pydantic import Field

from nndsl.vocabulary.average import Average
from nndsl.vocabulary.builtin import Count, Size
from nndsl.vocabulary.clip import Clip
from nndsl.vocabulary.gradient import Gradient
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.metric import Metric
from nndsl.vocabulary.mixture import Mixture
from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.regularizer import Regularizer
from nndsl.vocabulary.report import Report
from nndsl.vocabulary.section import Section
from nndsl.vocabulary.stop import Stop

DEFAULT_EPOCHS = 20
DType = Literal["float32", "float64"]
DTYPES: tuple[DType, ...] = get_args(DType)


class Train(Section):
    """How the network is trained."""

    loss: Loss = Field(description="what training makes small")
    optimizer: Optimizer = Field(description="how a gradient moves a parameter")
    gradient: Gradient | None = Field(
        None, description="how the gradient is found; left out, backpropagation"
    )
    regularize: Regularizer | None = Field(None, description="a penalty on all weights")
    clip: Clip | None = Field(None, description="a bound on the gradient")
    batch: Size = Field(32, description="examples a step")
    accumulate: Size = Field(
        1, description="pieces in which a batch is gone through, their gradients added up"
    )
    mix: Mixture | None = Field(
        None, description="examples of a batch that are mixed, and their targets alike"
    )
    epochs: Size | None = Field(
        None, description="passes over the training part; 20 if no steps are given"
    )
    steps: Size | None = Field(None, description="optimizer steps, instead of epochs")
    stop: Stop | None = Field(None, description="when to end before the last epoch")
    average: Average | None = Field(
        None, description="weights averaged along the training, to judge by and to keep"
    )
    metrics: tuple[Metric, ...] | None = Field(
        None,
        description="what is reported beside the loss; left out, accuracy where there are classes",
    )
    report: Report | None = Field(
        None, description="how often to report; left out, at most 20 lines a run"
    )
    dtype: DType = Field("float32", description="the type of all numbers")
    seed: Count = Field(0, description="the one seed of all randomness")
