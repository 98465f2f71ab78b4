"""Descents take the path of PyTorch's optimizers on the same formula, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from test_optimizers_against_torch import OPTIMIZERS

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.live.descent import Descent
from nndsl.source import Source
from nndsl.vocabulary import registry

torch = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
pytestmark = pytest.mark.slow

STEPS = 60
RATES = {"sgd": 0.2, "adadelta": 20.0, "adagrad": 0.5, "rmsprop": 0.05, "adam": 0.1, "adamw": 0.1}
FORMULAS: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "valley": ("x**2 / 20 + y**2", lambda x, y: x**2 / 20 + y**2),
    "rosenbrock": (
        "((1 - x)**2 + 100 * (y - x**2)**2) / 500",
        lambda x, y: ((1 - x) ** 2 + 100 * (y - x**2) ** 2) / 500,
    ),
    "bumps": (
        "tanh(x * y) + sqrt(1 + x**2) * cos(y) + exp(-abs(y - x)) + log(2 + sin(x))",
        lambda x, y: (
            torch.tanh(x * y)
            + torch.sqrt(1 + x**2) * torch.cos(y)
            + torch.exp(-torch.abs(y - x))
            + torch.log(2 + torch.sin(x))
        ),
    ),
}


def ours(f: str, optimizer: str) -> np.ndarray:
    text = f"minimize {{ f = {f}; start(x=-1.3, y=1.7); optimizer = {optimizer}; steps = {STEPS} }}"
    diagnostics = Diagnostics()
    checked = analyse(Source("test.nn", text), diagnostics)
    diagnostics.raise_if_failed()
    return Descent(checked).trajectory().points


def theirs(f: Callable[[Any, Any], Any], make: Callable[..., Any], rate: float) -> np.ndarray:
    p = torch.tensor([-1.3, 1.7], dtype=torch.float64, requires_grad=True)
    optimizer = make([p], lr=rate)
    points = [p.detach().clone().numpy()]
    for _ in range(STEPS):
        optimizer.zero_grad()
        f(*p).backward()
        optimizer.step()
        points.append(p.detach().clone().numpy())
    return np.array(points)


def test_every_optimizer_is_compared() -> None:
    assert set(registry.names("optimizers")) == set(OPTIMIZERS)


@pytest.mark.parametrize("word", OPTIMIZERS)
@pytest.mark.parametrize("name", FORMULAS)
def test_paths(name: str, word: str) -> None:
    text, f = FORMULAS[name]
    rate = RATES.get(word, 0.02)
    mine, others = ours(text, f"{word}(lr={rate})"), theirs(f, OPTIMIZERS[word], rate)
    assert np.abs(others[-1] - others[0]).max() > 0.02, "it went somewhere"
    assert np.abs(mine - others).max() <= 1e-9 * np.abs(others).max()
