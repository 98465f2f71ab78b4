"""PyTorch: the network of specs/digits.nn until a validation accuracy."""

from __future__ import annotations

import sys

import torch
from torch import nn

from bench.programs.digits import load


def main() -> None:
    wanted = float(sys.argv[2])
    (X, t), (X_valid, t_valid) = (tuple(map(torch.from_numpy, pair)) for pair in load())
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10)
    )
    weights = [layer.weight for layer in net if isinstance(layer, nn.Linear)]
    for weight in weights:
        nn.init.kaiming_normal_(weight, nonlinearity="relu")
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
    measure = nn.CrossEntropyLoss()
    for _ in range(100):
        for batch in torch.randperm(len(X)).split(32):
            loss = measure(net(X[batch]), t[batch])
            loss = loss + 0.5e-4 * sum((w * w).sum() for w in weights)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            accuracy = (net(X_valid).argmax(dim=1) == t_valid).float().mean().item()
        if accuracy >= wanted:
            return
    raise SystemExit("the accuracy is not reached")


main()
