"""Dropout."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from nndsl.data import Signal
from nndsl.vocabulary.builtin import Fraction
from nndsl.vocabulary.layer import Layer, Parameter, Propagated


class Dropout(Layer):
    """Units are switched off at random while training. Srivastava et al. 2014.

    With `scaling=train` ("inverted dropout", the usual form) what is kept grows by
    1 / (1 - rate), and prediction is the plain network. With `scaling=test`, the textbook's
    form, training leaves the kept units as they are and prediction shrinks all of them.
    """

    rate: Fraction = Field(description="probability of switching a unit off")
    scaling: Literal["train", "test"] = Field(
        "train", description="when to make up for the units switched off"
    )

    symbol = "D"
    linear = True
    drop_rate = "rate"
    derivation = r"""
        A unit that was switched off had no part in the loss, and one that stayed on had its
        number multiplied by a constant. So what comes in is multiplied by the very same mask.
    """
    questions = """
        Why is the mask drawn in the forward pass and read in the backward pass?
        = Both must switch off the same units: it is one function that is differentiated.
    """

    @property
    def equation(self) -> str:  # type: ignore[override]
        return "y = x mask / (1 - rate)" if self.scaling == "train" else "y = x mask"

    @property
    def forward(self) -> str:  # type: ignore[override]
        kept = "x * mask / (1 - rate)" if self.scaling == "train" else "x * mask"
        comment = "so that the mean stays the same" if self.scaling == "train" else ""
        return f"""
            mask = rng.random(x.shape) >= rate   # which units stay on, drawn anew for every batch
            y = {kept}{"   # " * bool(comment)}{comment}
        """

    @property
    def inference_forward(self) -> str:  # type: ignore[override]
        return (
            "y = x"
            if self.scaling == "train"
            else "y = x * (1 - rate)   # as large as it was on average in training"
        )

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated:
        (x,) = inputs
        kept = 1 - self.rate
        scale = 1 / kept if self.scaling == "train" else 1.0
        mean, power = x.mean * kept * scale, x.power * kept * scale * scale
        return Propagated(Signal(mean, power - mean * mean), kept * scale * scale)
