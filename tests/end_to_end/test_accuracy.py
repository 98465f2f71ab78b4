"""Networks learn as well as PyTorch's of the same settings do."""

from __future__ import annotations

from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import pytest

import nndsl

DATA = Path(__file__).parents[2] / "specs" / "data" / "mnist5k.npz"
SEEDS = (0, 1, 2)
SPEC = """
data = npz("mnist5k.npz", x="x_train", t="t_train", test=("x_test", "t_test"), scale=1/255)
network {
  input(28, 28)
  flatten
  repeat(4) { dense(100, init=he); batch_norm; relu }
  dense(10)
}
train {
  loss = softmax_cross_entropy
  optimizer = adam(lr=0.001)
  batch = 128
  epochs = 20
}
"""


def our_accuracy(folder: Path, seed: int) -> float:
    path = folder / "mnist5k.nn"
    path.write_text(SPEC, "utf-8")
    (folder / DATA.name).write_bytes(DATA.read_bytes())
    return nndsl.load(path, seed=seed).fit().test["test_accuracy"]


def their_accuracy(torch: Any, seed: int) -> float:
    torch.manual_seed(seed)
    with np.load(DATA) as arrays:
        X, X_test = (
            torch.tensor(arrays[n].reshape(-1, 784) / 255, dtype=torch.float32)
            for n in ("x_train", "x_test")
        )
        t, t_test = (torch.tensor(arrays[n].astype(np.int64)) for n in ("t_train", "t_test"))
    layers: list[Any] = []
    for features in (784, 100, 100, 100):
        layers += [torch.nn.Linear(features, 100), torch.nn.BatchNorm1d(100), torch.nn.ReLU()]
    layers.append(torch.nn.Linear(100, 10))
    for layer, following in zip(layers, [*layers[2:], None, None], strict=True):
        if isinstance(layer, torch.nn.Linear):
            fill = torch.nn.init.kaiming_normal_ if following else torch.nn.init.xavier_normal_
            fill(layer.weight)
            torch.nn.init.zeros_(layer.bias)
    network = torch.nn.Sequential(*layers)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
    for _ in range(20):
        for batch in torch.randperm(len(X)).split(128):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(X[batch]), t[batch]).backward()
            optimizer.step()
    network.eval()
    return float((network(X_test).argmax(dim=1) == t_test).float().mean())


@pytest.mark.slow
def test_mnist(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
    ours = mean(our_accuracy(tmp_path, seed) for seed in SEEDS)
    theirs = mean(their_accuracy(torch, seed) for seed in SEEDS)
    print(f"test accuracy: ours {ours:.4f}, PyTorch's {theirs:.4f}")
    assert ours >= 0.925
    assert abs(ours - theirs) <= 0.01
