"""Layers and losses against PyTorch's, forward and backward, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sequences
from execution import OUTPUTS, LayerRun, N, all_variants, layer_cases, loss_names, name_case, run

from nndsl.shapes import Shape
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.losses.softmax_cross_entropy import SoftmaxCrossEntropy

torch = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
F = torch.nn.functional
pytestmark = pytest.mark.slow

TOLERANCE = 1e-12


def convolution(layer: Any, x: Any, W: Any, b: Any = None) -> Any:
    """Convolve; `same` with a stride, which PyTorch refuses, pads as TensorFlow documents it."""
    padding = layer.padding
    if padding == "same" and layer.stride > 1:
        x, padding = padded(layer, x, layer.stride, 0.0), 0
    convolve = F.conv1d if layer.axes == 1 else F.conv2d
    return convolve(x, W, b, layer.stride, padding, layer.dilation, layer.groups)


def padded(layer: Any, x: Any, stride: int, value: float) -> Any:
    """Pad as TensorFlow documents `same`, or by a number."""
    if layer.padding == "valid":
        return x
    span = getattr(layer, "dilation", 1) * (layer.kernel - 1) + 1
    total = [
        max(0, (-(-length // stride) - 1) * stride + span - length)
        if layer.padding == "same"
        else 2 * layer.padding
        for length in x.shape[:1:-1]
    ]
    return F.pad(
        x, [part for zeros in total for part in (zeros // 2, zeros - zeros // 2)], value=value
    )


def pooling(layer: Any, x: Any) -> Any:
    """Pool, with the padding put around before: PyTorch allows half a window of it at most."""
    is_max, stride = layer.keyword() == "max_pool", layer.stride or layer.kernel
    pool = getattr(F, f"{'max' if is_max else 'avg'}_pool{x.ndim - 2}d")
    return pool(padded(layer, x, stride, -np.inf if is_max else 0.0), layer.kernel, stride)


def transposed_convolution(layer: Any, x: Any, W: Any, b: Any = None) -> Any:
    """As PyTorch's, without what stands over; Keras's `same` cuts off kernel - stride."""
    function = F.conv_transpose1d if layer.axes == 1 else F.conv_transpose2d
    y = function(x, W, b, layer.stride)
    total = {"valid": 0, "same": layer.kernel - layer.stride}.get(layer.padding)
    total = 2 * layer.padding if total is None else total
    for axis, length in enumerate(y.shape[2:], 2):
        y = y.narrow(axis, total // 2, length - total)
    return y


def upsampling(layer: Any, x: Any) -> Any:
    return F.interpolate(x, scale_factor=layer.factor, mode="nearest")


def patches(layer: Any, x: Any) -> Any:
    """PyTorch's `unfold` has the patches as columns."""
    seen = F.unfold(x, layer.size, stride=layer.size).transpose(1, 2)
    return seen.reshape(-1, seen.shape[-1])


LAYERS: dict[str, Callable[..., Any]] = {
    "add": lambda layer, *xs: sum(xs),
    "avg_pool": pooling,
    "batch_norm": lambda layer, x, gamma, beta: F.batch_norm(
        x, None, None, gamma, beta, training=True, momentum=layer.momentum, eps=layer.epsilon
    ),
    "conv1d": convolution,
    "conv2d": convolution,
    "conv_transpose1d": transposed_convolution,
    "conv_transpose2d": transposed_convolution,
    "depth_to_space": lambda layer, x: F.pixel_shuffle(x, layer.factor),
    "dense": lambda layer, x, W, b=None: F.linear(x, W if layer.weights else W.T, b),
    "cross_attention": sequences.cross_attention,
    "embedding": sequences.embedding,
    "gru": sequences.gru,
    "lstm": sequences.lstm,
    "positional_embedding": sequences.positional_embedding,
    "pool_positions": sequences.pool_positions,
    "as_positions": lambda layer, x: x.reshape(-1, x.shape[-1]),
    "repeat_vector": lambda layer, x: x.repeat_interleave(layer.positions, dim=0),
    "reverse": sequences.reverse,
    "rnn": sequences.rnn,
    "self_attention": sequences.self_attention,
    "dot": lambda layer, x1, x2: torch.einsum("nk,nk->n", x1, x2)[:, None],
    "elu": lambda layer, x: F.elu(x, layer.alpha),
    "flatten": lambda layer, x: x.reshape(N, -1),
    "gelu": lambda layer, x: F.gelu(x, approximate="tanh"),
    "global_avg_pool": lambda layer, x: x.flatten(2).mean(dim=2),
    "identity": lambda layer, x: torch.nn.Identity()(x),
    "input": lambda layer, x: torch.nn.Identity()(x),
    "concat": lambda layer, *xs: torch.cat(xs, dim=1),
    "layer_norm": lambda layer, x, gamma, beta: F.layer_norm(
        x, x.shape[1:], gamma, beta, layer.epsilon
    ),
    "leaky_relu": lambda layer, x: F.leaky_relu(x, layer.slope),
    "max_pool": pooling,
    "multiply": lambda layer, *xs: torch.stack(xs).prod(dim=0),
    "relu": lambda layer, x: F.relu(x),
    "reshape": lambda layer, x: x.reshape(N, *layer.shape),
    "sigmoid": lambda layer, x: torch.sigmoid(x),
    "silu": lambda layer, x: F.silu(x),
    "softmax": lambda layer, x: F.softmax(x, dim=-1),
    "softplus": lambda layer, x: F.softplus(x, threshold=1e9),  # beyond it PyTorch rounds to x
    "step": lambda layer, x: torch.heaviside(x, torch.zeros_like(x)),
    "tanh": lambda layer, x: torch.tanh(x),
    "transpose": lambda layer, x: x.reshape(N, -1, x.shape[-1]).transpose(1, 2),
    "patches": patches,
    "upsample": upsampling,
}
ITS_OWN_NOISE = "its noise is drawn by another generator"
WITHOUT = dict.fromkeys(
    ("cutout", "dropout", "gaussian_noise", "random_crop", "random_flip", "random_shift"),
    ITS_OWN_NOISE,
)
# With inputs of 30 all their gates are shut, and gradients are nothing but what 1 - 1 leaves; of
# attention they are what PyTorch loses first (docs/decisions/0016).
SATURATED = {"cross_attention", "gru", "lstm", "rnn", "self_attention"}
LOSSES: dict[str, Callable[..., Any]] = {
    "softmax_cross_entropy": lambda loss, x, t: (
        F.cross_entropy(
            x,
            t,
            weight=None if loss.class_weights is None else torch.tensor(loss.class_weights).to(x),
            label_smoothing=loss.label_smoothing,
            reduction="sum",
        )
        / len(t)
    ),
    "mean_squared_error": lambda loss, x, t: F.mse_loss(x, t),
    "mean_absolute_error": lambda loss, x, t: F.l1_loss(x, t),
    "binary_cross_entropy": lambda loss, x, t: F.binary_cross_entropy_with_logits(x, t),
    "huber": lambda loss, x, t: F.huber_loss(x, t, delta=loss.delta),
    "hinge": lambda loss, x, t: F.relu(loss.margin - (2 * t - 1) * x).mean(),
    "multiclass_hinge": lambda loss, x, t: (
        F.multi_margin_loss(x, t, margin=loss.margin) * x.shape[1]
    ),
    "pinball": lambda loss, x, t: torch.maximum(
        loss.quantile * (t - x), (loss.quantile - 1) * (t - x)
    ).mean(),
    "poisson": lambda loss, x, t: F.poisson_nll_loss(x, t),
    "soft_target_cross_entropy": lambda loss, x, t: F.cross_entropy(x, t),
    "contrastive": lambda loss, x, t: ((1 - t) * x**2 + t * F.relu(loss.margin - x) ** 2).mean(),
}
WEIGHTED = SoftmaxCrossEntropy(class_weights=tuple(0.5 + n for n in range(OUTPUTS)))
CASES = layer_cases()


def assert_close(ours: np.ndarray, theirs: Any, name: str) -> None:
    expected = theirs.detach().numpy()
    assert np.shape(ours) == expected.shape
    error = np.linalg.norm(ours - expected) / max(np.linalg.norm(expected), 1e-300)
    assert error <= TOLERANCE, f"{name} is off by {error:.1e}"


def tensor(array: np.ndarray) -> Any:
    return torch.tensor(array, requires_grad=True)


def test_every_layer_and_loss_is_compared() -> None:
    assert {layer.keyword() for layer, _ in CASES} == set(LAYERS) | set(WITHOUT)
    assert {loss.keyword() for loss in all_variants("losses")} == set(LOSSES)


@pytest.mark.parametrize("scale", [1.0, 30.0])
@pytest.mark.parametrize(
    "case",
    [c for c in CASES if c[0].keyword() in LAYERS and not getattr(c[0], "dropout", 0)],
    ids=name_case,
)
def test_layers(case: tuple[Layer, tuple[Shape, ...]], scale: float) -> None:
    if case[0].keyword() in SATURATED:
        scale = min(scale, 3.0)
    made = LayerRun(*case, scale=scale)
    if made.layer.carries:  # theirs begin with zeros
        made.arrays |= {name: np.zeros_like(made.arrays[name]) for name in made.layer.state}
    theirs = {name: tensor(made.arrays[name]) for name in made.trained}
    tokens = [torch.tensor(made.arrays[n]) for n in made.layer.inputs if n not in theirs]
    y = LAYERS[made.layer.keyword()](made.layer, *tokens, *theirs.values())
    ours = made.backward()
    assert_close(ours["y"], y, "y")
    if made.layer.only_predicts or not theirs:  # tokens that are handed on have no gradient
        return
    y.backward(torch.tensor(made.dy))
    for name, array in theirs.items():
        assert_close(ours[f"d{name}"], array.grad, f"d{name}")


@pytest.mark.parametrize("case", [c for c in CASES if c[0].keyword() == "max_pool"], ids=name_case)
def test_the_first_of_equal_numbers_gets_the_gradient(
    case: tuple[Layer, tuple[Shape, ...]],
) -> None:
    made = LayerRun(*case)
    made.arrays["x"] = np.sign(made.arrays["x"])
    x = tensor(made.arrays["x"])
    LAYERS["max_pool"](made.layer, x).backward(torch.tensor(made.dy))
    assert_close(made.backward()["dx"], x.grad, "dx")


@pytest.mark.parametrize(
    "case", [c for c in CASES if c[0].keyword() == "batch_norm"], ids=name_case
)
def test_running_statistics(case: tuple[Any, tuple[Shape, ...]]) -> None:
    made = LayerRun(*case)
    mean, var = (torch.tensor(made.arrays[name]) for name in made.layer.state)
    x, gamma, beta = (torch.tensor(made.arrays[name]) for name in made.trained)
    momentum, epsilon = case[0].momentum, case[0].epsilon
    predicted = F.batch_norm(x, mean, var, gamma, beta, False, momentum, epsilon)
    assert_close(made.evaluate()["y"], predicted, "y")
    F.batch_norm(x, mean, var, gamma, beta, True, momentum, epsilon)
    observed = made.update_running_stats()
    assert_close(observed["running_mean"], mean, "running_mean")
    assert_close(observed["running_var"], var, "running_var")


@pytest.mark.parametrize("scale", [1.0, 100.0])
@pytest.mark.parametrize("loss", [*all_variants("losses"), WEIGHTED], ids=name_case)
def test_losses(loss: Loss, scale: float) -> None:
    names = loss_names(loss, scale=scale)
    x = tensor(names["x"])
    theirs = LOSSES[loss.keyword()](loss, x, torch.tensor(names["t"]))
    theirs.backward()
    ours = run(loss.backward, **run(loss.forward, **names))
    assert_close(ours["loss"], theirs, "loss")
    assert_close(ours["dx"], x.grad, "dx")
