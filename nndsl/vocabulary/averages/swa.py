"""The mean of the weights of many epochs."""

from pydantic import Field

from nndsl.vocabulary.average import Average
from nndsl.vocabulary.builtin import Size


class Swa(Average):
    """The mean of the weights at the ends of epochs, from one on. Izmailov et al. 2018.

    Stochastic weight averaging; before that epoch, and in it, it is the weights themselves. Running
    statistics are those of training.
    """

    called = ("stochastic_weight_averaging", "averaged_model")

    first: Size = Field(description="the epoch whose weights are the first in the mean")

    constants = {"first": "SWA_FIRST"}
    epoch_end = """
        for name, p in params.items():   # until the first, the weights themselves
            averages[name] += (p - averages[name]) / max(1, epoch - first + 1)
    """
