"""The style of textbooks that teach with numpy: layer objects in float64, a dictionary of
parameters, and a second forward pass for the loss that is printed.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bench.contestants import Step
from bench.networks import DenseNetwork

Array = Any


class Affine:
    """x W + b."""

    def __init__(self, W: Array, b: Array) -> None:
        self.W, self.b = W, b
        self.x = self.dW = self.db = None

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout: Array) -> Array:
        dx = np.dot(dout, self.W.T)
        assert self.x is not None
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx


class Relu:
    """Remembers where its input was not positive."""

    def forward(self, x: Array) -> Array:
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout: Array) -> Array:
        dout[self.mask] = 0
        return dout


class Sigmoid:
    """Remembers its output."""

    def forward(self, x: Array) -> Array:
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout: Array) -> Array:
        return dout * (1.0 - self.out) * self.out


class SoftmaxWithLoss:
    """The last layer, where training begins to go back."""

    def forward(self, x: Array, t: Array) -> Array:
        x = x - np.max(x, axis=-1, keepdims=True)
        self.y = np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True)
        self.t = t
        return -np.sum(np.log(self.y[np.arange(len(t)), t] + 1e-7)) / len(t)

    def backward(self) -> Array:
        dx = self.y.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dx / len(self.t)


class Net:
    """Layers in order; the parameters in a dictionary."""

    def __init__(self, network: DenseNetwork) -> None:
        rng = np.random.default_rng(0)
        self.params: dict[str, Array] = {}
        self.layers: list[Any] = []
        kinds = {"relu": Relu, "sigmoid": Sigmoid}
        for i, (n, m) in enumerate(zip(network.sizes, network.sizes[1:], strict=False), 1):
            self.params[f"W{i}"] = math.sqrt(2 / n) * rng.standard_normal((n, m))
            self.params[f"b{i}"] = np.zeros(m)
            self.layers += [Affine(self.params[f"W{i}"], self.params[f"b{i}"])]
            self.layers += [kinds[network.activation]()]
        self.layers.pop()
        self.last = SoftmaxWithLoss()

    def loss(self, x: Array, t: Array) -> Array:
        for layer in self.layers:
            x = layer.forward(x)
        return self.last.forward(x, t)

    def gradient(self, x: Array, t: Array) -> dict[str, Array]:
        self.loss(x, t)
        dout = self.last.backward()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        affine = [layer for layer in self.layers if isinstance(layer, Affine)]
        grads = {f"W{i}": layer.dW for i, layer in enumerate(affine, 1)}
        return grads | {f"b{i}": layer.db for i, layer in enumerate(affine, 1)}


class Sgd:
    """p <- p - rate g."""

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def update(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        for key in params:
            params[key] -= self.rate * grads[key]


class Adam:
    """With the correction of both means folded into the rate."""

    def __init__(self, rate: float) -> None:
        self.rate, self.iter = rate, 0
        self.m: dict[str, Array] = {}
        self.v: dict[str, Array] = {}

    def update(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        if not self.m:
            self.m = {key: np.zeros_like(p) for key, p in params.items()}
            self.v = {key: np.zeros_like(p) for key, p in params.items()}
        self.iter += 1
        rate = self.rate * np.sqrt(1.0 - 0.999**self.iter) / (1.0 - 0.9**self.iter)
        for key in params:
            self.m[key] += 0.1 * (grads[key] - self.m[key])
            self.v[key] += 0.001 * (grads[key] ** 2 - self.v[key])
            params[key] -= rate * self.m[key] / (np.sqrt(self.v[key]) + 1e-7)


def build(network: DenseNetwork) -> Step:
    """Return a step: the gradient, the update, and the loss once more to be printed."""
    net = Net(network)
    optimizer = {"sgd": Sgd, "adam": Adam}[network.optimizer](network.rate)
    X, t = network.data[0].astype(np.float64), network.data[1]

    def step(number: int) -> None:
        batch = network.batches[number % len(network.batches)]
        x, y = X[batch], t[batch]
        optimizer.update(net.params, net.gradient(x, y))
        if not math.isfinite(net.loss(x, y)):
            raise FloatingPointError

    return step
