"""Optimizers, clips and schedules take the steps of PyTorch's, over 50 steps in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from execution import fields, run

from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin

torch = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
optim = torch.optim
pytestmark = pytest.mark.slow

STEPS = 50
SHAPES = {"W": (4, 3), "b": (3,)}
SGD = {"sgd": {}, "momentum": {"momentum": 0.9}, "nesterov": {"momentum": 0.9, "nesterov": True}}
OPTIMIZERS: dict[str, Callable[..., Any]] = {
    **{
        word: lambda p, fixed=fixed, **kw: optim.SGD(p, **{**fixed, **kw})
        for word, fixed in SGD.items()
    },
    "adagrad": optim.Adagrad,
    "rmsprop": optim.RMSprop,
    "adadelta": optim.Adadelta,
    "adam": optim.Adam,
    "adamw": optim.AdamW,
}


def find(role: str, word: str, **arguments: Any) -> Any:
    found = registry.find(role, word)
    assert found is not None
    return found(**arguments)


def torch_arguments(optimizer: Builtin, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return arguments as PyTorch calls them."""
    renamed = {"epsilon": "eps", "rho": "alpha" if optimizer.keyword() == "rmsprop" else "rho"}
    result = {renamed.get(name, name): value for name, value in arguments.items()}
    if "beta1" in result:
        result["betas"] = (result.pop("beta1"), result.pop("beta2"))
    return result


def start() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {name: rng.standard_normal(shape) for name, shape in SHAPES.items()}


def gradients(params: dict[str, np.ndarray], step: int) -> dict[str, np.ndarray]:
    """Return noisy gradients of a bowl of unequal curvatures: they hang on where one is."""
    rng = np.random.default_rng(step)
    return {
        name: p * np.linspace(0.1, 3, p.size).reshape(p.shape) + 0.3 * rng.standard_normal(p.shape)
        for name, p in params.items()
    }


def our_path(optimizer: Any, rate: Callable[[int], float] | None = None) -> dict[str, np.ndarray]:
    params = start()
    states = {
        name: {state: np.full_like(p, first) for state, first in optimizer.state.items()}
        for name, p in params.items()
    }
    for step in range(1, STEPS + 1):
        given = fields(optimizer) | {"step": step}
        if rate is not None:
            given["lr"] = rate(step)
        for name, g in gradients(params, step).items():
            if name == "W":
                run(optimizer.decay, **given, p=params[name])
            run(optimizer.update, **given, **states[name], p=params[name], g=g)
    return params


def their_path(
    make: Callable[..., Any], schedule: Any = None, **arguments: Any
) -> dict[str, np.ndarray]:
    params = {name: torch.tensor(array, requires_grad=True) for name, array in start().items()}
    plain = {"weight_decay": 0.0} if make is optim.AdamW else {}  # ours decays weights alone
    groups = [{"params": [params["W"]]}, {"params": [params["b"]], **plain}]
    optimizer = make(groups, **arguments)
    scheduler = schedule(optimizer) if schedule else None
    for step in range(1, STEPS + 1):
        arrays = {name: p.detach().numpy() for name, p in params.items()}
        for name, g in gradients(arrays, step).items():
            params[name].grad = torch.tensor(g)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
    return {name: p.detach().numpy() for name, p in params.items()}


def assert_same(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> None:
    for name, first in start().items():
        assert np.linalg.norm(theirs[name] - first) > 1e-3, "it went somewhere"
        error = np.linalg.norm(ours[name] - theirs[name]) / np.linalg.norm(theirs[name])
        assert error <= 1e-10, f"{name}: {error:.1e}"


def test_every_optimizer_is_compared() -> None:
    assert set(registry.names("optimizers")) == set(OPTIMIZERS)


@pytest.mark.parametrize("word", OPTIMIZERS)
def test_with_default_arguments(word: str) -> None:
    assert_same(our_path(find("optimizers", word)), their_path(OPTIMIZERS[word]))


@pytest.mark.parametrize(
    ("word", "arguments"),
    [
        ("sgd", {"lr": 0.1}),
        ("momentum", {"lr": 0.05, "momentum": 0.5}),
        ("nesterov", {"lr": 0.05, "momentum": 0.7}),
        ("adagrad", {"lr": 0.3, "epsilon": 1e-3}),
        ("rmsprop", {"lr": 0.05, "rho": 0.9, "epsilon": 1e-3}),
        ("adadelta", {"lr": 0.5, "rho": 0.8, "epsilon": 1e-3}),
        ("adam", {"lr": 0.1, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}),
        ("adamw", {"lr": 0.1, "weight_decay": 0.3, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}),
    ],
)
def test_with_other_arguments(word: str, arguments: dict[str, Any]) -> None:
    optimizer = find("optimizers", word, **arguments)
    theirs = their_path(OPTIMIZERS[word], **torch_arguments(optimizer, arguments))
    assert_same(our_path(optimizer), theirs)


@pytest.mark.parametrize(
    ("word", "arguments", "theirs"),
    [
        ("cosine", {"floor": 0.01}, lambda o: optim.lr_scheduler.CosineAnnealingLR(o, STEPS, 0.01)),
        ("step", {"every": 7, "factor": 0.5}, lambda o: optim.lr_scheduler.StepLR(o, 7, 0.5)),
        ("exponential", {"decay": 0.9}, lambda o: optim.lr_scheduler.ExponentialLR(o, 0.9)),
        (
            "cosine_restarts",
            {"period": 5, "floor": 0.01},
            lambda o: optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 5, 1, 0.01),
        ),
        (
            "cosine_restarts",
            {"period": 3, "growth": 2},
            lambda o: optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 2),
        ),
        ("constant", {}, None),
    ],
)
def test_schedules(word: str, arguments: dict[str, Any], theirs: Any) -> None:
    schedule = find("schedules", word, base=0.1, **arguments)

    def rate(step: int) -> float:
        names = fields(schedule) | {"step": step, "total_steps": STEPS}
        return float(run(schedule.value, **names)["rate"])

    ours = our_path(find("optimizers", "sgd"), rate)
    assert_same(ours, their_path(OPTIMIZERS["sgd"], theirs, lr=0.1))


def test_a_plateau_is_where_pytorch_sees_it() -> None:
    losses = [3.0, 2.0, 2.0, 2.5, 1.9, 1.9, 1.9, 1.9, 1.9, 1.8, 1.85, 1.85, 1.85, 1.85, 1.0]
    plateau = find("schedules", "plateau", base=0.1, factor=0.3, patience=2, floor=0.02)
    known = fields(plateau) | run(plateau.begin, **fields(plateau))
    theirs = optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    watching = optim.lr_scheduler.ReduceLROnPlateau(
        theirs, factor=0.3, patience=2, threshold=0, min_lr=0.02
    )
    rates = []
    for loss in losses:
        run(plateau.watch, **known, value=loss)
        watching.step(loss)
        rates.append(run(plateau.value, **known, step=1)["rate"])
        assert rates[-1] == pytest.approx(theirs.param_groups[0]["lr"])
    assert len(set(rates)) == 3


@pytest.mark.parametrize("limit", [0.1, 1.0, 100.0])
@pytest.mark.parametrize("word", registry.names("clips"))
def test_clips(word: str, limit: float) -> None:
    clips = {
        "global_norm": torch.nn.utils.clip_grad_norm_,
        "value": torch.nn.utils.clip_grad_value_,
    }
    ours = gradients(start(), 1)
    params = [torch.zeros(array.shape, dtype=torch.float64) for array in ours.values()]
    for p, g in zip(params, ours.values(), strict=True):
        p.grad = torch.tensor(g)
    clips[word](params, limit)
    field = next(iter(registry.find("clips", word).model_fields))  # type: ignore[union-attr]
    clip = find("clips", word, **{field: limit})
    kept = {name: g.copy() for name, g in ours.items()}
    clipped = run(clip.apply, **fields(clip), gradients=ours)["gradients"]
    for p, g in zip(params, clipped.values(), strict=True):
        np.testing.assert_allclose(g, p.grad.numpy(), rtol=1e-12)
    assert all(np.array_equal(kept[name], g) for name, g in ours.items())
