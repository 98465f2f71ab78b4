"""Batch normalisation."""

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

    called = ("batch_normalization", "batch_norm1d", "batch_norm2d")
    class_names = {"book": "BatchNormalization"}

    epsilon: PositiveReal = Field(1e-5, description="keeps the division finite")
    momentum: Fraction = Field(0.1, description="weight of the new batch in the running statistics")

    positional = 0
    linear = True
    removes_offset = True
    compares_examples = True
    training_only = ("momentum",)
    symbol = "BN"
    reasons = {
        "along_x_hat": "through the variance, which `x` moves",
        "mean_dx_hat": "through the mean, which it moves",
    }
    state = {"running_mean": 0.0, "running_var": 1.0}
    derivation = r"""
        Take one feature over the $N$ examples of a batch, with $\hat{x}_n = (x_n - \mu) / s$ and
        $s = \sqrt{\sigma^2 + \varepsilon}$. An input $x_n$ moves its own $\hat{x}_n$, and,
        through $\mu$ and $\sigma^2$, that of every other example. Write $g_n = \partial L /
        \partial \hat{x}_n$.

        By itself: $g_n / s$. Through the mean, where $\partial \mu / \partial x_n = 1/N$ and each
        $\hat{x}_m$ falls by $1/s$: $-\frac{1}{s} \cdot \frac{1}{N} \sum_m g_m$. Through the
        variance, where $\partial \sigma^2 / \partial x_n = \frac{2}{N} (x_n - \mu)$ and $\partial
        \hat{x}_m / \partial \sigma^2 = -\hat{x}_m / (2 s^2)$: $-\frac{\hat{x}_n}{s} \cdot
        \frac{1}{N} \sum_m g_m \hat{x}_m$. With the means $a = \frac{1}{N} \sum_m g_m$
        (`mean_dx_hat`) and $b = \frac{1}{N} \sum_m g_m \hat{x}_m$ (`along_x_hat`), all three:
        $$\frac{\partial L}{\partial x_n} = \frac{1}{s} \left(g_n - a - \hat{x}_n b\right)$$
        Where all inputs move alike, nothing changes behind the layer, nor, but for
        $\varepsilon$, where all are stretched alike. So no gradient asks for it: these two parts
        are taken away.
    """
    questions = """
        Why is a bias in the layer before `batch_norm` of no use?
        = It is a constant of each feature, which the mean takes away. `beta` does its work.

        What does it change if the weights of the layer before `batch_norm` are drawn ten times too
        small?
        = Hardly anything: it takes the scale out again.

        Why does prediction use the running statistics of `batch_norm`?
        = There the answer for one example must not depend on which others came with it.
    """

    @property
    def equation(self) -> str:  # type: ignore[override]
        each = " for each channel" * bool(self._places)
        return f"y = gamma (x - mean) / sqrt(var + epsilon) + beta{each}"

    @property
    def forward(self) -> str:  # type: ignore[override]
        mean, each = self._mean, self._each
        one = "channel" if each else "feature"
        over = "   # of each channel, over all its places" * bool(each)
        return f"""
            mean = x.{mean}{over}
            centred = x - mean
            var = (centred * centred).{mean}
            inv_std = 1 / np.sqrt(var + epsilon)
            x_hat = centred * inv_std   # each {one} of the batch has mean 0 and variance 1
            y = gamma{each} * x_hat + beta{each}   # then a learnt scale and offset
        """

    @property
    def update_running_stats(self) -> str:  # type: ignore[override]
        flat, counted, size = "", "", "N"
        if self._each:
            flat, size = ".reshape(-1)", "count"
            counted = "count = x.size // len(gamma)   # numbers of a channel"
        unbiased = f"var{flat} * ({size} / max({size} - 1, 1))"
        return f"""
            {counted}
            unbiased = {unbiased}   # about its own mean a batch varies less
            running_mean += momentum * (mean{flat} - running_mean)
            running_var += momentum * (unbiased - running_var)
        """

    @property
    def inference_forward(self) -> str:  # type: ignore[override]
        each = self._each
        if not each:
            return "y = gamma * (x - running_mean) / np.sqrt(running_var + epsilon) + beta"
        return f"""
            std = np.sqrt(running_var + epsilon)
            x_hat = (x - running_mean{each}) / std{each}
            y = gamma{each} * x_hat + beta{each}
        """

    @property
    def optimized_inference_forward(self) -> str:  # type: ignore[override]
        each = self._each
        return f"""
            scale = gamma / np.sqrt(running_var + epsilon)
            y = (x - running_mean{each}) * scale{each} + beta{each}
        """

    @property
    def _axes(self) -> str:
        """The axes over which a mean is taken."""
        return f"(0, {', '.join(map(str, range(2, 2 + self._places)))})" if self._places else "0"

    @property
    def _places(self) -> int:
        """How many axes there are behind the channels."""
        return self.axes_of_input - 1

    @property
    def _mean(self) -> str:
        """How a mean is taken, so that it lies beside what it is of."""
        return f"mean(axis={self._axes}{', keepdims=True' * bool(self._places)})"

    @property
    def _each(self) -> str:
        """What lays the numbers of the channels out beside the axes of the places."""
        return f"[:{', None' * self._places}]" * bool(self._places)

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        channels = inputs[0][:1]
        return {"gamma": Parameter(channels, "ones"), "beta": Parameter(channels, "zeros")}

    def state_shape(self, *inputs: Shape) -> Shape:
        return inputs[0][:1]

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated:
        return Propagated(Signal(0.0, 1.0), 1 / (inputs[0].variance + self.epsilon))
