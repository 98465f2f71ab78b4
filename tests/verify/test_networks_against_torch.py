"""Networks that hypothesis builds: forward, loss, gradients and a step, against PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from execution import N
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from spec_strategy import PLAIN, specs
from test_layers_against_torch import WITHOUT
from torch_network import TorchNetwork

import nndsl
from nndsl.live.gradients.builds import gradients_of
from nndsl.live.gradients.executable import INPUTS, Executable, Point
from nndsl.live.gradients.verdict import rounding
from nndsl.live.random_examples import draw_examples, draw_targets

torch = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
pytestmark = pytest.mark.slow

TOLERANCE = 1e-10
NOTHING = 1e-12  # a gradient that is 0 but for rounding: of a mean that is taken away, say
NOISE = "dropout="  # of attention: PyTorch draws its own


def assert_close(ours: Any, theirs: Any, name: str, noise: float = 0.0) -> None:
    expected = theirs.detach().numpy()
    size = np.linalg.norm(expected)
    error = np.linalg.norm(np.asarray(ours) - expected)
    allowed = TOLERANCE * size + (noise + NOTHING) * np.sqrt(expected.size)
    assert error <= allowed, f"{name}: {error} of {size}"


@settings(
    max_examples=300,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(
    specs(tuple(sorted(set(PLAIN) - set(WITHOUT)))).filter(lambda text: NOISE not in text),
    st.integers(0, 100),
)
def test_random_networks(text: str, seed: int) -> None:
    model = nndsl.load("net.nn", text=text, dtype="float64")
    rng = np.random.default_rng(seed)
    X, t = draw_examples(model, N, rng), draw_targets(model, N, rng)
    for array in model.parameters.values():
        array += 0.2 * rng.standard_normal(array.shape)
    point = Point("", {**model.parameters, INPUTS[0]: X}, model.state, t)
    text = Executable(model.source, "net.py").single
    singles = [gradients_of(text, single) for single in point.singles()]
    theirs = TorchNetwork(model)
    total = sum(theirs.losses(torch.tensor(X), torch.tensor(t)))
    total.backward()
    loss, gradients = model.loss_and_gradients(X, t)
    assert_close(loss, total, "loss")
    noises = {
        name: rounding(gradient, [single[name] for single in singles if single is not None])
        for name, gradient in gradients.items()
    }
    for name, tensor in theirs.parameters.items():
        assert_close(gradients[name], tensor.grad, f"d{name}", noises[name])


@settings(
    max_examples=100,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(specs(("dense", "gelu", "layer_norm", "sigmoid", "silu", "tanh")))
def test_updates_of_random_networks(text: str) -> None:
    model = nndsl.load("net.nn", text=text, dtype="float64")
    rng = np.random.default_rng(0)
    X, t = draw_examples(model, 7, rng), draw_targets(model, 7, rng)
    for array in model.parameters.values():
        array += 0.2 * rng.standard_normal(array.shape)
    theirs = TorchNetwork(model)
    optimizer = theirs.optimizer()
    for _ in range(5):
        _, gradients = model.loss_and_gradients(X, t)
        for name, tensor in theirs.parameters.items():
            tensor.grad = torch.tensor(gradients[name])  # the steps are compared, not gradients
        theirs.clip()
        model.update(gradients)
        optimizer.step()
    for name, tensor in theirs.parameters.items():
        assert_close(model.parameters[name], tensor, name)


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize(
    "layers", ["rnn(4)", "lstm(4)", "gru(4)", "self_attention(heads=2); gru(4)"]
)
def test_fifty_steps_over_positions(layers: str, optimize: bool) -> None:
    first = layers.replace("(4)", "(4, output=all)")
    text = f"""
network {{ input(5, tokens=6); embedding(4); positional_embedding; {first}; {layers}; dense(3) }}
train {{ loss = softmax_cross_entropy; optimizer = momentum(lr=0.1) }}
"""
    model = nndsl.load("positions.nn", text=text, dtype="float64", optimize=optimize)
    # Adam would make steps of the rounding in a gradient of 0, that of the keys' bias.
    theirs = TorchNetwork(model)
    optimizer = theirs.optimizer()
    rng = np.random.default_rng(0)
    for _ in range(50):
        X, t = rng.integers(0, 6, (N, 5)), rng.integers(0, 3, N)
        loss, gradients = model.loss_and_gradients(X, t)
        model.update(gradients)
        optimizer.zero_grad()
        total = sum(theirs.losses(torch.tensor(X), torch.tensor(t)))
        total.backward()
        optimizer.step()
        assert_close(loss, total, "loss")
    for name, tensor in theirs.parameters.items():
        assert_close(model.parameters[name], tensor, name)
