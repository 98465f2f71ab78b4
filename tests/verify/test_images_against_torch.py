"""Networks of images, trained for 50 steps in float64, end where PyTorch's end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nndsl

torch = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
pytestmark = pytest.mark.slow

STEPS, BATCH = 50, 8
TOLERANCE = 1e-10
LENET = """
  conv2d(4, kernel=5); relu
  max_pool(2)
  conv2d(6, kernel=3, stride=2); relu
  flatten
  dense(8); relu
  dense(3)
"""
RESNET = """
  conv2d(4, kernel=3, padding=same, bias=false)
  batch_norm
  relu
  residual {
    conv2d(4, kernel=3, padding=1, groups=2, bias=false)
    batch_norm
    relu
    upsample(2)
    avg_pool(2)
  }
  max_pool(3, stride=2)
  conv2d(6, kernel=1); tanh
  global_avg_pool
  dense(3)
"""
SIGNALS = """
  reshape(2, 72)
  conv1d(4, kernel=5, stride=2, padding=2, bias=false)
  batch_norm
  tanh
  conv1d(4, kernel=3, groups=4)
  tanh
  global_avg_pool
  dense(3)
"""


class Residual(torch.nn.Module):
    """x + f(x)."""

    def __init__(self, *body: Any) -> None:
        super().__init__()
        self.body = torch.nn.Sequential(*body)

    def forward(self, x: Any) -> Any:
        return x + self.body(x)


def lenet() -> list[Any]:
    nn = torch.nn
    return [
        *(nn.Conv2d(1, 4, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, 2), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)),
    ]


def resnet() -> list[Any]:
    nn = torch.nn
    return [
        *(nn.Conv2d(1, 4, 3, padding="same", bias=False), nn.BatchNorm2d(4), nn.ReLU()),
        Residual(
            *(nn.Conv2d(4, 4, 3, padding=1, groups=2, bias=False), nn.BatchNorm2d(4), nn.ReLU()),
            *(nn.Upsample(scale_factor=2), nn.AvgPool2d(2)),
        ),
        *(nn.MaxPool2d(3, 2), nn.Conv2d(4, 6, 1), nn.Tanh(), nn.AdaptiveAvgPool2d(1)),
        *(nn.Flatten(), nn.Linear(6, 3)),
    ]


def signals() -> list[Any]:
    nn = torch.nn
    return [
        *(nn.Flatten(), nn.Unflatten(1, (2, 72))),
        *(nn.Conv1d(2, 4, 5, 2, 2, bias=False), nn.BatchNorm1d(4), nn.Tanh()),
        *(nn.Conv1d(4, 4, 3, groups=4), nn.Tanh(), nn.AdaptiveAvgPool1d(1)),
        *(nn.Flatten(), nn.Linear(4, 3)),
    ]


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize(
    ("network", "theirs"),
    [(LENET, lenet), (RESNET, resnet), (SIGNALS, signals)],
    ids=["lenet", "resnet", "signals"],
)
def test_trajectories(network: str, theirs: Any, optimize: bool) -> None:
    text = f"""
network {{
  input(1, 12, 12)
{network}
}}
train {{
  loss = softmax_cross_entropy
  optimizer = adam(lr=0.01)
  batch = {BATCH}
  dtype = float64
}}
"""
    model = nndsl.load("images.nn", text=text, optimize=optimize)
    other = torch.nn.Sequential(*theirs()).double()
    parameters = dict(zip(model.parameters, other.parameters(), strict=True))
    with torch.no_grad():
        for name, tensor in parameters.items():
            array = model.parameters[name]
            tensor.copy_(torch.tensor(array.T if array.ndim == 2 else array))
    adam = torch.optim.Adam(other.parameters(), lr=0.01)
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        X, t = rng.standard_normal((BATCH, 1, 12, 12)), rng.integers(0, 3, BATCH)
        loss, gradients = model.loss_and_gradients(X, t)
        adam.zero_grad()
        value = torch.nn.functional.cross_entropy(other(torch.tensor(X)), torch.tensor(t))
        value.backward()
        assert loss == pytest.approx(value.item(), rel=TOLERANCE)
        model.update(gradients)
        adam.step()
    for name, tensor in parameters.items():
        array = model.parameters[name]
        assert_close(array.T if array.ndim == 2 else array, tensor, name)
    other.eval()
    assert_close(model.predict(X), other(torch.tensor(X)), "prediction")


def assert_close(ours: np.ndarray, theirs: Any, name: str) -> None:
    expected = theirs.detach().numpy()
    error = np.linalg.norm(ours - expected) / np.linalg.norm(expected)
    assert error <= TOLERANCE, f"{name} is off by {error:.1e}"
