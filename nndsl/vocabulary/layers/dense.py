"""The fully connected layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Layer, Parameter, through_weights
from nndsl.vocabulary.regularizer import Regularizer
from nndsl.vocabulary.signal import Passage, Signal
from nndsl.vocabulary.word import Shape, Size


class Dense(Layer):
    """y = x W + b: every unit is a weighted sum of all inputs, plus a bias."""

    units: Size = Field(description="number of units: the length of the output")
    init: Initializer | None = Field(
        None, description="how the weights begin; left out, it follows the next activation"
    )
    bias: bool = Field(True, description="add a bias to every unit")
    bias_init: Initializer | None = Field(None, description="how the biases begin; left out, zeros")
    regularize: Regularizer | None = Field(
        None, description="the penalty on these weights, instead of the one in train"
    )

    letter = "Z"
    linear = True
    offset = "bias"

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        self.require_row(x)
        return (self.units,)

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        ((features,),) = inputs
        W = Parameter(
            (features, self.units), self.init, features, self.units, True, self.regularize
        )
        b = Parameter((self.units,), self.bias_init or "zeros", features, self.units)
        return {"W": W, "b": b} if self.bias else {"W": W}

    @property
    def equation(self) -> str:  # type: ignore[override]
        return "y = x W + b" if self.bias else "y = x W"

    @property
    def forward(self) -> str:  # type: ignore[override]
        return "y = x @ W + b" if self.bias else "y = x @ W"

    @property
    def backward(self) -> str:  # type: ignore[override]
        return (
            """
            dW = x.T @ dy         # summed over the examples
            db = dy.sum(axis=0)   # `b` was added to every row
            dx = dy @ W.T
        """
            if self.bias
            else """
            dW = x.T @ dy         # summed over the examples
            dx = dy @ W.T
        """
        )

    def passage(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Passage | None:
        return through_weights(inputs[0], parameters["W"], parameters.get("b"))
