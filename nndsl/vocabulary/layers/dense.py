"""The fully connected layer."""

from collections.abc import Mapping, Sequence
from typing import Self

from pydantic import Field, model_validator

from nndsl.data import Signal
from nndsl.shapes import Shape
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Layer, Parameter, Propagated, TiedParameter, through_weights
from nndsl.vocabulary.regularizer import Regularizer
from nndsl.vocabulary.tie import WeightTying


class Dense(Layer):
    """y = x W + b: every unit is a weighted sum of all inputs, plus a bias."""

    called = ("linear", "fully_connected", "fc", "affine")
    class_names = {"book": "Affine"}

    units: Size = Field(description="number of units: the length of the output")
    init: Initializer | None = Field(
        None, description="how the weights begin; left out, it follows the next activation"
    )
    bias: bool = Field(True, description="add a bias to every unit")
    bias_init: Initializer | None = Field(None, description="how the biases begin; left out, zeros")
    regularize: Regularizer | None = Field(
        None, description="the penalty on these weights, instead of the one in train"
    )
    weights: WeightTying | None = Field(
        None, description="whose weights to use, instead of own ones"
    )

    symbol = "Z"
    linear = True
    offset = "bias"
    derivation = r"""
        Take one number of each. With $y_{nk} = \sum_j x_{nj} W_{jk} + b_k$, the weight $W_{jk}$
        stands in the output $k$ of every example, each time beside $x_{nj}$. So its slope is
        $$\frac{\partial L}{\partial W_{jk}} = \sum_n x_{nj} \frac{\partial L}{\partial y_{nk}}$$
        which is row $j$ of $x^{\top}$ times column $k$ of $\partial L / \partial y$: the
        transpose is there because the sum runs over the examples.

        The input $x_{nj}$ stands in every output of its own example, each time beside $W_{jk}$:
        $$\frac{\partial L}{\partial x_{nj}} = \sum_k \frac{\partial L}{\partial y_{nk}} W_{jk}$$
        which is a product with $W^{\top}$. And $b_k$ was added to every row: its slope is the sum
        of a column.
    """
    questions = """
        Only one product of the input, or its transpose, with the gradient of the output has the
        shape of the weights. Which?
        = The transpose of the input, times the gradient: (features, N) times (N, units). The shapes
        alone find most mistakes here.

        Why is there no `/ N` in the gradient of the weights?
        = It is in the gradient that comes in: the loss is a mean, and its derivative has the 1/N.
    """

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
        return ({} if self.weights else {"W": W}) | ({"b": b} if self.bias else {})

    def tied_parameters(self, *inputs: Shape) -> dict[str, TiedParameter]:
        ((features,),) = inputs
        if self.weights is None:
            return {}
        return {"W": TiedParameter(self.weights.layer, "W", (self.units, features), True)}

    def multiplications(self, *inputs: Shape) -> int:
        ((features,),) = inputs
        return features * self.units

    @property
    def equation(self) -> str:  # type: ignore[override]
        W = "W" if self.weights is None else "W^T"
        return f"y = x {W}{' + b' * self.bias}"

    @property
    def forward(self) -> str:  # type: ignore[override]
        return f"y = x @ {'W' if self.weights is None else 'W.T'}{' + b' * self.bias}"

    @model_validator(mode="after")
    def _leaves_to_the_other(self) -> Self:
        for name in ("init", "regularize"):
            if self.weights is not None and getattr(self, name) is not None:
                raise ValueError(
                    f"`{name}` is about weights of its own, and these are those of "
                    f"`{self.weights.layer}`: say it there"
                )
        return self

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated | None:
        if self.weights is not None:
            return None
        return through_weights(inputs[0], parameters["W"], parameters.get("b"))
