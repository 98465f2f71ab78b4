"""Batch normalisation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pydantic import Field

from nndsl.data import Signal
from nndsl.shapes import Shape
from nndsl.vocabulary.builtin import Fraction, PositiveReal
from nndsl.vocabulary.layer import Layer, Parameter, Propagated


class BatchNorm(Layer):
    """Each feature is centred and scaled over the batch. Ioffe and Szegedy 2015.

    Where examples have channels (the first axis, as in images), each channel is one feature, and
    its mean and variance are those of all its places. Training normalises by the batch;
    prediction by running statistics. epsilon, momentum and the unbiased running variance are
    PyTorch's.
    """

    epsilon: PositiveReal = Field(1e-5, description="keeps the division finite")
    momentum: Fraction = Field(0.1, description="weight of the new batch in the running statistics")

    positional = 0
    linear = True
    removes_offset = True
    compares_examples = True
    training_only = ("momentum",)
    symbol = "B"
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
    update_running_stats = """
        running_mean += momentum * (mean - running_mean)
        running_var += momentum * (var * (N / max(N - 1, 1)) - running_var)   # unbiased
    """
    inference_forward = "y = (x - running_mean) * (gamma / np.sqrt(running_var + epsilon)) + beta"
    backward = """
        dgamma = (dy * x_hat).sum(axis=0)
        dbeta = dy.sum(axis=0)
        dx_hat = dy * gamma
        from_mean = dx_hat.mean(axis=0)   # every row moves the mean and the variance:
        from_var = x_hat * (dx_hat * x_hat).mean(axis=0)   # both of these paths count
        dx = inv_std * (dx_hat - from_mean - from_var)
    """

    def for_shapes(self, *inputs: Shape) -> BatchNorm:
        if len(inputs[0]) < 2:
            return self
        return _OfChannels(**{name: getattr(self, name) for name in self.model_fields_set})

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        channels = inputs[0][:1]
        return {"gamma": Parameter(channels, "ones"), "beta": Parameter(channels, "zeros")}

    def state_shape(self, *inputs: Shape) -> Shape:
        return inputs[0][:1]

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated:
        return Propagated(Signal(0.0, 1.0), 1 / (inputs[0].variance + self.epsilon))


class _OfChannels(BatchNorm):
    """The same for examples that have channels: all places of a channel are one feature."""

    equation = "y = gamma (x - mean) / sqrt(var + epsilon) + beta for each channel"
    forward = """
        rows = x.reshape(N, channels, places)
        mean = rows.mean(axis=(0, 2))   # of a channel: over all examples and all places
        centred = rows - mean[:, None]
        var = (centred * centred).mean(axis=(0, 2))
        inv_std = 1 / np.sqrt(var + epsilon)
        x_hat = centred * inv_std[:, None]   # each channel of the batch has mean 0 and variance 1
        scaled = gamma[:, None] * x_hat + beta[:, None]   # or what the network chooses
        y = scaled.reshape(x.shape)
    """
    update_running_stats = """
        count = N * places
        running_mean += momentum * (mean - running_mean)
        running_var += momentum * (var * (count / max(count - 1, 1)) - running_var)   # unbiased
    """
    inference_forward = """
        scale = gamma / np.sqrt(running_var + epsilon)
        moved = x.reshape(N, channels, places) - running_mean[:, None]
        y = (moved * scale[:, None] + beta[:, None]).reshape(x.shape)
    """
    backward = """
        dscaled = dy.reshape(N, channels, places)
        dgamma = (dscaled * x_hat).sum(axis=(0, 2))
        dbeta = dscaled.sum(axis=(0, 2))
        dx_hat = dscaled * gamma[:, None]
        from_mean = dx_hat.mean(axis=(0, 2))   # every number moves the mean and the variance:
        from_var = x_hat * (dx_hat * x_hat).mean(axis=(0, 2))[:, None]   # both paths count
        drows = inv_std[:, None] * (dx_hat - from_mean[:, None] - from_var)
        dx = drows.reshape(x.shape)
    """

    @classmethod
    def keyword(cls) -> str:
        return BatchNorm.keyword()

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        ((channels, *lengths),) = inputs
        return {"channels": channels, "places": math.prod(lengths)}
