"""Noise."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from nndsl.data import Signal
from nndsl.vocabulary.builtin import NonNegativeReal
from nndsl.vocabulary.layer import Layer, Parameter, Propagated


class GaussianNoise(Layer):
    """Noise is added while training; prediction adds none. Bishop 1995: it acts like a penalty.

    Before an autoencoder it makes a denoising one (Vincent et al. 2008).
    """

    called = ("noise",)

    std: NonNegativeReal = Field(description="standard deviation of the noise", examples=[0.1])

    linear = True
    equation = "y = x + std noise"
    forward = """
        noise = rng.standard_normal(x.shape).astype(dtype)   # drawn anew for every batch
        y = x + std * noise
    """
    inference_forward = "y = x"

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated:
        (x,) = inputs
        return Propagated(Signal(x.mean, x.variance + self.std * self.std), 1.0)
