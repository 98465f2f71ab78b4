"""Every mistake in the step of an optimizer takes it off PyTorch's path."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_optimizers_against_torch import OPTIMIZERS, find, gradients, start, torch_arguments
from update_mutants import update_mutants

import nndsl
from nndsl.live.execute import execute
from nndsl.live.gradients.mutants import Mutant
from nndsl.live.network import take_step

torch = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
pytestmark = pytest.mark.slow

STEPS = 6
ARGUMENTS: dict[str, dict[str, float]] = {
    "sgd": {"lr": 0.1},
    "momentum": {"lr": 0.05, "momentum": 0.5},
    "nesterov": {"lr": 0.05, "momentum": 0.7},
    "adagrad": {"lr": 0.3, "epsilon": 1e-3},
    "rmsprop": {"lr": 0.05, "rho": 0.9, "epsilon": 1e-3},
    "adadelta": {"lr": 0.5, "rho": 0.8, "epsilon": 1e-3},
    "adam": {"lr": 0.1, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
    "adamw": {"lr": 0.1, "weight_decay": 0.3, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
}
EQUIVALENT: dict[tuple[str, str], str] = {}


def script(word: str) -> str:
    given = ", ".join(f"{name}={value}" for name, value in ARGUMENTS[word].items())
    return nndsl.build(
        "net.nn",
        text="network { input(4); dense(3) }\n"
        f"train {{ loss = mean_squared_error; optimizer = {word}({given}); dtype = float64 }}",
    )


def path_of(text: str) -> dict[str, np.ndarray]:
    """Return where the `update` of a script leads."""
    names = execute(text, "mutant.py")
    for name, value in start().items():
        names["params"][f"{name}1"][...] = value
    for step in range(1, STEPS + 1):
        params = {name: names["params"][f"{name}1"] for name in start()}
        given = gradients(params, step)
        take_step(names, {f"{name}1": g for name, g in given.items()}, step)
    return {name: names["params"][f"{name}1"] for name in start()}


def torch_path(word: str) -> dict[str, np.ndarray]:
    optimizer = find("optimizers", word, **ARGUMENTS[word])
    params = {name: torch.tensor(array, requires_grad=True) for name, array in start().items()}
    plain: dict[str, Any] = {"weight_decay": 0.0} if word == "adamw" else {}
    groups = [{"params": [params["W"]]}, {"params": [params["b"]], **plain}]
    made = OPTIMIZERS[word](groups, **torch_arguments(optimizer, ARGUMENTS[word]))
    for step in range(1, STEPS + 1):
        arrays = {name: p.detach().numpy() for name, p in params.items()}
        for name, g in gradients(arrays, step).items():
            params[name].grad = torch.tensor(g)
        made.step()
    return {name: p.detach().numpy() for name, p in params.items()}


def agrees(text: str, expected: dict[str, np.ndarray]) -> bool:
    with np.errstate(all="ignore"):
        found = path_of(text)
    return all(
        np.linalg.norm(found[name] - value) <= 1e-10 * np.linalg.norm(value)
        for name, value in expected.items()
    )


def is_caught(mutant: Mutant, expected: dict[str, np.ndarray]) -> bool:
    try:
        return not agrees(mutant.text, expected)
    except (ValueError, TypeError, NameError, LookupError, ArithmeticError):
        return True


@pytest.mark.parametrize("word", ARGUMENTS)
def test_every_mutant_is_caught(word: str) -> None:
    text, expected = script(word), torch_path(word)
    assert agrees(text, expected)
    mutants = list(update_mutants(text))
    assert len(mutants) >= 4
    missed = [
        m.answer for m in mutants if not is_caught(m, expected) and (m.was, m.now) not in EQUIVALENT
    ]
    print(f"{word}: {len(mutants)} mutants")
    assert missed == []


def test_every_optimizer_is_mutated() -> None:
    assert set(ARGUMENTS) == set(OPTIMIZERS)
