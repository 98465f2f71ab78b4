"""Whole training runs beside PyTorch's: equal initial weights, equal batches, 50 steps, float64.

    python bench/trajectories.py

prints how far apart the weights are at the end, relative to their norm. No bias stands before a
batch norm: its gradient is 0 but for rounding, and an optimizer that divides by the size of the
gradient turns that noise into steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import optim
from torch.nn import functional as F

import nndsl
from nndsl.live.model import Model

STEPS, BATCH, FEATURES, CLASSES, L2 = 50, 16, 6, 3, 1e-3

SPEC = """
network {{
  input({features})
  dense(10, bias=false)
  batch_norm
  relu
  dropout(0)
  residual {{ dense(10); layer_norm; tanh }}
  dense(8, bias=false)
  batch_norm(momentum=0.2, epsilon=1e-3)
  gelu
  dense({classes})
}}
train {{
  loss = softmax_cross_entropy(label_smoothing=0.05)
  optimizer = {optimizer}
  regularize = l2({l2})
  {clip}
  batch = {batch}
  steps = {steps}
  dtype = float64
}}
"""

Groups = list[dict[str, Any]]
Make = Callable[[Groups], optim.Optimizer]


@dataclass(frozen=True)
class Case:
    """An optimizer as a spec writes it, and the same of PyTorch's."""

    optimizer: str
    theirs: Make
    schedule: Callable[[optim.Optimizer], optim.lr_scheduler.LRScheduler] | None = None
    clip: str = ""
    their_clip: Callable[[list[Any]], Any] | None = None

    @property
    def name(self) -> str:
        return f"{self.optimizer}   {self.clip}".strip()


def _sgd(**arguments: Any) -> Make:
    return lambda groups: optim.SGD(groups, **arguments)


def _adam(**arguments: Any) -> Make:
    return lambda groups: optim.Adam(groups, **arguments)


CASES = [
    Case("sgd(lr=0.1)", _sgd(lr=0.1)),
    Case("momentum(lr=0.05)", _sgd(lr=0.05, momentum=0.9)),
    Case("momentum(lr=0.05, momentum=0.5)", _sgd(lr=0.05, momentum=0.5)),
    Case("nesterov(lr=0.05)", _sgd(lr=0.05, momentum=0.9, nesterov=True)),
    Case("adagrad(lr=0.05)", lambda groups: optim.Adagrad(groups, lr=0.05)),
    Case("rmsprop(lr=0.01)", lambda groups: optim.RMSprop(groups, lr=0.01)),
    Case("adadelta(lr=1)", lambda groups: optim.Adadelta(groups, lr=1.0)),
    Case("adam(lr=0.01)", _adam(lr=0.01)),
    Case("adam(lr=0.01, beta1=0.8, beta2=0.95)", _adam(lr=0.01, betas=(0.8, 0.95))),
    Case("adamw(lr=0.01)", lambda groups: optim.AdamW(groups, lr=0.01)),
    Case(
        "adamw(lr=0.01, weight_decay=0.3)",
        lambda groups: optim.AdamW(groups, lr=0.01, weight_decay=0.3),
    ),
    Case(
        "adam(lr=cosine(0.02))",
        _adam(lr=0.02),
        lambda made: optim.lr_scheduler.CosineAnnealingLR(made, STEPS),
    ),
    Case(
        "momentum(lr=cosine(0.05, floor=0.01))",
        _sgd(lr=0.05, momentum=0.9),
        lambda made: optim.lr_scheduler.CosineAnnealingLR(made, STEPS, 0.01),
    ),
    Case(
        "adamw(lr=step(0.02, every=15, factor=0.3))",
        lambda groups: optim.AdamW(groups, lr=0.02),
        lambda made: optim.lr_scheduler.StepLR(made, 15, 0.3),
    ),
    Case(
        "sgd(lr=exponential(0.2, decay=0.95))",
        _sgd(lr=0.2),
        lambda made: optim.lr_scheduler.ExponentialLR(made, 0.95),
    ),
    Case(
        "sgd(lr=cosine_restarts(0.1, period=7, growth=2, floor=0.01))",
        _sgd(lr=0.1),
        lambda made: optim.lr_scheduler.CosineAnnealingWarmRestarts(made, 7, 2, 0.01),
    ),
    Case(
        "adam(lr=0.01)",
        _adam(lr=0.01),
        clip="clip = global_norm(0.3)",
        their_clip=lambda tensors: torch.nn.utils.clip_grad_norm_(tensors, 0.3),
    ),
    Case(
        "sgd(lr=0.3)",
        _sgd(lr=0.3),
        clip="clip = value(0.02)",
        their_clip=lambda tensors: torch.nn.utils.clip_grad_value_(tensors, 0.02),
    ),
]


def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(7)
    for _ in range(STEPS):
        X = rng.normal(size=(BATCH, FEATURES))
        yield X, np.abs(X[:, :CLASSES]).argmax(axis=1)


def load(case: Case) -> Model:
    sizes = {"features": FEATURES, "classes": CLASSES, "batch": BATCH, "steps": STEPS, "l2": L2}
    text = SPEC.format(optimizer=case.optimizer, clip=case.clip, **sizes)
    return nndsl.load("trajectory.nn", text=text)


class Theirs:
    """The same network, written for PyTorch, with the weights of ours."""

    def __init__(self, model: Model) -> None:
        self.p = {name: torch.tensor(a, requires_grad=True) for name, a in model.parameters.items()}
        self.s = {name: torch.tensor(a) for name, a in model.state.items()}

    @property
    def groups(self) -> Groups:
        """Weights, and what does not decay."""
        weights = [p for name, p in self.p.items() if name.startswith("W")]
        others = [p for name, p in self.p.items() if not name.startswith("W")]
        return [{"params": weights}, {"params": others, "weight_decay": 0.0}]

    def loss(self, X: np.ndarray, t: np.ndarray) -> torch.Tensor:
        p = self.p
        h = F.relu(self._batch_norm(torch.tensor(X) @ p["W1"], "1", 0.1, 1e-5))
        r = F.layer_norm(h @ p["W2"] + p["b2"], (10,), p["gamma2"], p["beta2"])
        h = torch.tanh(r) + h
        h = self._batch_norm(h @ p["W3"], "3", 0.2, 1e-3)
        scores = F.gelu(h, approximate="tanh") @ p["W4"] + p["b4"]
        loss = F.cross_entropy(scores, torch.tensor(t), label_smoothing=0.05)
        for name, parameter in p.items():
            if name.startswith("W"):
                loss = loss + 0.5 * L2 * (parameter * parameter).sum()
        return loss

    def _batch_norm(self, x: torch.Tensor, n: str, momentum: float, eps: float) -> torch.Tensor:
        mean, var = self.s[f"running_mean{n}"], self.s[f"running_var{n}"]
        gamma, beta = self.p[f"gamma{n}"], self.p[f"beta{n}"]
        return F.batch_norm(x, mean, var, gamma, beta, True, momentum, eps)


def error(case: Case) -> float:
    """Return the distance of the weights and running statistics after 50 steps, by their norm."""
    model = load(case)
    theirs = Theirs(model)
    first = {name: array.copy() for name, array in model.parameters.items()}
    optimizer = case.theirs(theirs.groups)
    scheduler = case.schedule(optimizer) if case.schedule else None
    for X, t in batches():
        _, gradients = model.loss_and_gradients(X, t)
        model.update(gradients)
        optimizer.zero_grad()
        theirs.loss(X, t).backward()
        if case.their_clip is not None:
            case.their_clip(list(theirs.p.values()))
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
    ours = np.concatenate([a.ravel() for a in {**model.parameters, **model.state}.values()])
    end = np.concatenate([a.detach().numpy().ravel() for a in {**theirs.p, **theirs.s}.values()])
    moved = max(
        float(np.abs(model.parameters[name] - array).max()) for name, array in first.items()
    )
    assert moved > 1e-2, "the weights went somewhere"
    return float(np.linalg.norm(ours - end) / np.linalg.norm(end))


def main() -> None:
    print(f"{'after 50 steps in float64':58}  relative distance from PyTorch {torch.__version__}")
    for case in CASES:
        print(f"{case.name:58}  {error(case):.1e}")


if __name__ == "__main__":
    main()
