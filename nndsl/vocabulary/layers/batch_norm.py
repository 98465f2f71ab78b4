"""Batch normalisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from nndsl.vocabulary.layer import Layer, Parameter
from nndsl.vocabulary.signal import Passage, Signal
from nndsl.vocabulary.word import Fraction, PositiveReal, Shape


class BatchNorm(Layer):
    """Each feature is centred and scaled over the batch. Ioffe and Szegedy 2015.

    Training normalises by the batch; prediction by running statistics. epsilon, momentum
    and the unbiased running variance are PyTorch's.
    """

    epsilon: PositiveReal = Field(1e-5, description="keeps the division finite")
    momentum: Fraction = Field(0.1, description="weight of the new batch in the running statistics")

    positional = 0
    linear = True
    removes_offset = True
    compares_examples = True
    letter = "B"
    state = {"running_mean": 0.0, "running_var": 1.0}
    equation = "y = gamma (x - mean) / sqrt(var + epsilon) + beta"
    forward = """
        mean = x.mean(axis=0)
        centred = x - mean
        var = (centred * centred).mean(axis=0)
        inv_std = 1 / np.sqrt(var + epsilon)
        x_hat = centred * inv_std   # each feature of the batch has mean 0 and variance 1
        y = gamma * x_hat + beta    # and the network may choose another scale and offset
    """
    observe = """
        running_mean += momentum * (mean - running_mean)
        running_var += momentum * (var * (N / max(N - 1, 1)) - running_var)   # unbiased
    """
    evaluate = "y = (x - running_mean) * (gamma / np.sqrt(running_var + epsilon)) + beta"
    backward = """
        dgamma = (dy * x_hat).sum(axis=0)
        dbeta = dy.sum(axis=0)
        dx_hat = dy * gamma
        from_mean = dx_hat.mean(axis=0)   # every row moves the mean and the variance:
        from_var = x_hat * (dx_hat * x_hat).mean(axis=0)   # both of these paths count
        dx = inv_std * (dx_hat - from_mean - from_var)
    """

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        self.require_row(x)
        return x

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        return {"gamma": Parameter(inputs[0], "ones"), "beta": Parameter(inputs[0], "zeros")}

    def passage(self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]) -> Passage:
        return Passage(Signal(0.0, 1.0), 1 / (inputs[0].variance + self.epsilon))
