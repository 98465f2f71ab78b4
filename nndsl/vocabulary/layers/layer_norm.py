"""Layer normalisation."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from nndsl.data import Signal
from nndsl.shapes import Shape
from nndsl.vocabulary.builtin import PositiveReal
from nndsl.vocabulary.layer import Layer, Parameter, Propagated


class LayerNorm(Layer):
    """Each example is centred and scaled over its features. Ba, Kiros and Hinton 2016.

    Unlike batch normalisation it never looks at other examples, so that prediction is as
    training. epsilon and the biased variance are PyTorch's.
    """

    called = ("layer_normalization",)

    epsilon: PositiveReal = Field(1e-5, description="keeps the division finite")

    positional = 0
    normalises_rows = True
    symbol = "LN"
    reasons = {
        "along_x_hat": "through the deviation, which `x` moves",
        "mean_dx_hat": "through the mean, which it moves",
    }
    equation = "y = gamma (x - mean) / sqrt(var + epsilon) + beta"
    derivation = r"""
        Within one example, an input $x_j$ moves its own $\hat{x}_j$, and, through the mean and
        the variance, those of all $D$ features. With $g_j = \partial L / \partial \hat{x}_j$ and
        $s = \sqrt{\sigma^2 + \varepsilon}$, and the means $a = \frac{1}{D} \sum_k g_k$
        (`mean_dx_hat`) and $b = \frac{1}{D} \sum_k g_k \hat{x}_k$ (`along_x_hat`), the three ways
        add up to
        $$\frac{\partial L}{\partial x_j} = \frac{1}{s} \left(g_j - a - \hat{x}_j b\right)$$
        as in batch normalisation, with the features of an example in the place of the examples.
    """
    forward = """
        mean = x.mean(axis=1, keepdims=True)
        centred = x - mean
        var = (centred * centred).mean(axis=1, keepdims=True)
        inv_std = 1 / np.sqrt(var + epsilon)
        x_hat = centred * inv_std   # mean 0 and variance 1 in each row
        y = gamma * x_hat + beta    # or what the network chooses
    """

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        self.require_row(x)
        return x

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        return {"gamma": Parameter(inputs[0], "ones"), "beta": Parameter(inputs[0], "zeros")}

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated:
        return Propagated(Signal(0.0, 1.0), 1 / (inputs[0].variance + self.epsilon))
