"""Weights that two layers have in common: one tensor that PyTorch uses twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nndsl
from nndsl.live.model import Model

torch: Any = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
F = torch.nn.functional
pytestmark = pytest.mark.slow

N, STEPS, KINDS = 6, 4, 5
TRAIN = """train {
  loss = softmax_cross_entropy
  optimizer = adam(lr=0.01)
  regularize = l2(0.01)
}"""
LANGUAGE = f"""
network {{
  input({STEPS}, tokens={KINDS})
  embedding(6, init=normal(0.3))
  self_attention(heads=2, causal=true)
  dense({KINDS}, weights=tied(embedding))
}}
{TRAIN}
"""
AUTOENCODER = f"""
let narrow = dense(3)
let wide   = dense(4)
network {{
  input(7)
  wide; tanh
  narrow; tanh
  dense(4, weights=tied(narrow)); tanh
  dense(7, weights=tied(wide), bias=false)
}}
{TRAIN.replace("softmax_cross_entropy", "mean_squared_error")}
"""


def language(own: dict[str, Any], X: Any, t: Any) -> Any:
    W, W_qkv, b_qkv, W_out, b_out, b = own.values()
    parts = F.linear(F.embedding(X, W), W_qkv.T, b_qkv).chunk(3, dim=2)
    heads = [part.reshape(N, STEPS, 2, 3).transpose(1, 2) for part in parts]
    mixed = F.scaled_dot_product_attention(*heads, is_causal=True).transpose(1, 2)
    y = F.linear(mixed.reshape(N, STEPS, 6) @ W_out + b_out, W, b)
    penalty = sum((w * w).sum() for w in (W, W_qkv, W_out))  # W once, though two layers use it
    return F.cross_entropy(y.reshape(-1, KINDS), t.reshape(-1)) + 0.005 * penalty


def autoencoder(own: dict[str, Any], X: Any, t: Any) -> Any:
    W1, b1, W2, b2, b3 = own.values()
    y = torch.tanh(torch.tanh(X @ W1 + b1) @ W2 + b2)
    y = torch.tanh(y @ W2.T + b3) @ W1.T
    return F.mse_loss(y, t) + 0.005 * ((W1 * W1).sum() + (W2 * W2).sum())


CASES = [
    pytest.param(LANGUAGE, language, id="embedding"),
    pytest.param(AUTOENCODER, autoencoder, id="autoencoder"),
]


def examples(model: Model) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    if len(model.script.input_shape) == 1 and model.script.input_shape[0] == STEPS:
        return rng.integers(0, KINDS, (N, STEPS)), rng.integers(0, KINDS, (N, STEPS))
    X = rng.standard_normal((N, 7))
    return X, X


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize(("text", "theirs"), CASES)
def test_tied_weights(text: str, theirs: Callable[..., Any], optimize: bool) -> None:
    model = nndsl.load("net.nn", text=text, dtype="float64", optimize=optimize)
    own = {n: torch.tensor(a, requires_grad=True) for n, a in model.parameters.items()}
    X, t = examples(model)
    adam = torch.optim.Adam(own.values(), lr=0.01)
    for _ in range(50):
        adam.zero_grad()
        loss = theirs(own, torch.tensor(X), torch.tensor(t))
        loss.backward()
        ours, gradients = model.loss_and_gradients(X, t)
        np.testing.assert_allclose(ours, loss.item(), rtol=1e-10)
        for name, tensor in own.items():
            np.testing.assert_allclose(gradients[name], tensor.grad.numpy(), rtol=0, atol=1e-10)
        model.update(gradients)
        adam.step()
    for name, tensor in own.items():
        np.testing.assert_allclose(model.parameters[name], tensor.detach().numpy(), atol=1e-10)
