"""The backward passes that people wrote, of words that are derived now: what these are held to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _dense(word: Any) -> str:
    dW, dx = ("x.T @ dy", "dy @ W.T") if word.weights is None else ("dy.T @ x", "dy @ W")
    return "\n".join([f"dW = {dW}", *["db = dy.sum(axis=0)"] * word.bias, f"dx = {dx}"])


def _batch_norm(word: Any) -> str:
    places = word.axes_of_input - 1
    axes = f"(0, {', '.join(map(str, range(2, 2 + places)))})" if places else "0"
    each = f"[:{', None' * places}]" * bool(places)
    mean = f"mean(axis={axes}{', keepdims=True' * bool(places)})"
    return f"""
dgamma = (dy * x_hat).sum(axis={axes})
dbeta = dy.sum(axis={axes})
dx_hat = dy * gamma{each}
from_mean = dx_hat.{mean}
from_var = (dx_hat * x_hat).{mean}
dx = inv_std * (dx_hat - from_mean - x_hat * from_var)
"""


def _dropout(word: Any) -> str:
    return "dx = dy * mask" + " / (1 - rate)" * (word.scaling == "train")


def _avg_pool(word: Any) -> str:
    count = "kernel**2" if word.axes == 2 else "kernel"
    return f"""
share = dy / {count}
d{word.x} = np.zeros_like({word.x})
for spot in {word.spots}:
    d{word.x}[spot] += share
{word.crop if word.pads else ""}
"""


LAYER_NORM = """
dgamma = (dy * x_hat).sum(axis=0)
dbeta = dy.sum(axis=0)
dx_hat = dy * gamma
along_mean = dx_hat.mean(axis=1, keepdims=True)
along_std = (dx_hat * x_hat).mean(axis=1, keepdims=True)
dx = inv_std * (dx_hat - along_mean - x_hat * along_std)
"""
RANDOM_SHIFT = """
dpadded = np.zeros_like(padded)
for i in range(len(x)):
    dpadded[i, :, down[i]:down[i] + height, right[i]:right[i] + width] = dy[i]
dx = dpadded[:, :, pixels:pixels + height, pixels:pixels + width]
"""
ELU = "slope = alpha * np.exp(np.minimum(0, x))\ndx = np.where(x > 0, dy, dy * slope)"
SOFTMAX = "common = (dy * y).sum(axis=-1, keepdims=True)\ndx = y * (dy - common)"
WRITTEN: dict[str, str | Callable[[Any], str]] = {
    "add": lambda word: "\n".join(f"d{name} = dy" for name in word.inputs),
    "avg_pool": _avg_pool,
    "batch_norm": _batch_norm,
    "binary_cross_entropy": "P = sigmoid(x)\ndx = (P - t) / x.size",
    "dense": _dense,
    "dropout": _dropout,
    "elastic_net": "dw = l1 * np.sign(w) + l2 * w",
    "elu": ELU,
    "flatten": "dx = dy.reshape(x.shape)",
    "gaussian_noise": "dx = dy",
    "huber": "dx = np.clip(error, -delta, delta) / error.size",
    "identity": "dx = dy",
    "multiclass_hinge": (
        "dx = ((excess > 0) / N).astype(dtype)\ndx[np.arange(N), t] -= dx.sum(axis=1)"
    ),
    "pinball": "dx = np.where(error > 0, 1 - quantile, -quantile).astype(dtype) / error.size",
    "poisson": "dx = (expected - t) / x.size",
    "input": "dx = dy",
    "l1": "dw = strength * np.sign(w)",
    "l2": "dw = strength * w",
    "layer_norm": LAYER_NORM,
    "leaky_relu": "dx = np.where(x > 0, dy, slope * dy)",
    "mean_absolute_error": "dx = np.sign(error) / error.size",
    "mean_squared_error": "dx = error * (2 / error.size)",
    "random_shift": RANDOM_SHIFT,
    "relu": "dx = dy * (x > 0)",
    "sigmoid": "dx = dy * y * (1 - y)",
    "softmax": SOFTMAX,
    "softplus": "dx = dy * sigmoid(x)",
    "step": "dx = np.zeros_like(dy)",
    "tanh": "dx = dy * (1 - y * y)",
}


def written(word: Any) -> str:
    """Return the backward pass that a person wrote for a word."""
    text = WRITTEN.get(word.keyword(), word.backward)
    return text if isinstance(text, str) else text(word)
