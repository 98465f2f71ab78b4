"""A small GPT trains as the same network does in PyTorch, from the same weights."""

from __future__ import annotations

import ast
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nndsl

torch: Any = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
F = torch.nn.functional

SPEC = Path(__file__).parents[2] / "specs" / "tiny_gpt.nn"
BLOCKS, HEADS, WINDOW = 4, 4, 32
STEPS, WARMUP, RATE = 100, 40, 0.003


def scores(p: dict[str, Any], X: Any) -> Any:
    """Return what comes next at each position, (N, WINDOW, characters), written for PyTorch."""
    h = F.embedding(X, p["W1"]) + p["W_pos"]
    width = h.shape[-1]
    for i in range(BLOCKS):
        x = F.layer_norm(h, (width,), p["gamma1"][i], p["beta1"][i])
        parts = F.linear(x, p["W_qkv"][i].T, p["b_qkv"][i]).chunk(3, dim=-1)
        q, k, v = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in parts)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
        h = h + F.linear(mixed, p["W_out"][i].T, p["b_out"][i])
        x = F.layer_norm(h, (width,), p["gamma2"][i], p["beta2"][i])
        x = F.gelu(F.linear(x, p["W3"][i].T, p["b3"][i]), approximate="tanh")
        h = h + F.linear(x, p["W4"][i].T, p["b4"][i])
    return F.linear(F.layer_norm(h, (width,), p["gamma4"], p["beta4"]), p["W5"].T, p["b5"])


def rate(step: int, total: int) -> float:
    """A straight line up, then half a cosine wave, relative to the highest rate; from step 0."""
    if step < WARMUP:
        return (step + 1) / WARMUP
    return (1 + math.cos(math.pi * (step - WARMUP) / (total - WARMUP))) / 2


@pytest.mark.slow
def test_a_hundred_steps() -> None:
    model = nndsl.load(SPEC, dtype="float64")
    total = model.namespace["TOTAL_STEPS"]
    assert total > STEPS
    p = {name: torch.tensor(a, requires_grad=True) for name, a in model.parameters.items()}
    (line,) = (line for line in model.source.split("WEIGHTS = ")[1:])
    decaying = ast.literal_eval(line[: line.index("}") + 1])
    optimizer = torch.optim.AdamW(
        [
            {"params": [p[name] for name in p if name in decaying], "weight_decay": 0.01},
            {"params": [p[name] for name in p if name not in decaying], "weight_decay": 0.0},
        ],
        lr=RATE,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, total))
    X, t = model.data()["training"]
    rng = np.random.default_rng(0)
    for step in range(STEPS):
        batch = rng.choice(len(X), 16, replace=False)
        ours, gradients = model.loss_and_gradients(X[batch], t[batch])
        model.update(gradients)
        optimizer.zero_grad()
        out = scores(p, torch.tensor(X[batch].copy()))
        theirs = F.cross_entropy(out.flatten(0, 1), torch.tensor(t[batch].reshape(-1)))
        theirs.backward()
        optimizer.step()
        schedule.step()
        assert abs(ours - theirs.item()) <= 1e-6 * abs(ours), f"step {step}"
    assert ours < 2.5, "it has learnt something"
    for name, parameter in model.parameters.items():
        theirs = p[name].detach().numpy()
        assert np.linalg.norm(parameter - theirs) <= 1e-8 * np.linalg.norm(theirs), name
