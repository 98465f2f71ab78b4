"""PyTorch, as its tutorials write it: float32, gradients set to None, one pass each way."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from bench.contestants import Step
from bench.contestants.modules import MODULES
from bench.networks import EVALUATED, Architecture, DenseNetwork, Network

ACTIVATIONS = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU, "tanh": nn.Tanh}


def model(network: Network) -> nn.Module:
    """Return the network as PyTorch's layers."""
    if isinstance(network, Architecture):
        return MODULES[network.name](network)
    assert isinstance(network, DenseNetwork)
    layers: list[nn.Module] = []
    for before, after in zip(network.sizes[:-2], network.sizes[1:-1], strict=True):
        layers.append(nn.Linear(before, after, bias=not network.normalized))
        layers += [nn.BatchNorm1d(after)] * network.normalized
        layers.append(ACTIVATIONS[network.activation]())
        layers += [nn.Dropout(network.drop)] * network.normalized
    return nn.Sequential(*layers, nn.Linear(*network.sizes[-2:]))


def build(
    network: Network, *, fused: bool = False, foreach: bool = False, compiled: bool = False
) -> Step:
    """Return a step of PyTorch; with neither `fused` nor `foreach` its optimizer is plain."""
    torch.manual_seed(0)
    net = model(network)
    kinds: dict[str, Any] = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}
    options = {"fused": True} if fused else {"foreach": foreach}
    optimizer = kinds[network.optimizer](net.parameters(), lr=network.rate, **options)
    mean_squared = network.loss == "mean_squared_error"
    measure = nn.MSELoss() if mean_squared else nn.CrossEntropyLoss()

    def losses(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        found = net(x)
        if not mean_squared:  # one row for each target
            found, y = found.flatten(0, -2), y.flatten()
        loss: torch.Tensor = measure(found, y)
        return loss

    forward = torch.compile(losses) if compiled else losses
    X, t = (torch.from_numpy(array) for array in network.data)
    batches = [torch.from_numpy(batch) for batch in network.batches]
    with torch.no_grad():
        net.eval()(X[:EVALUATED])
    net.train()

    def step(number: int) -> None:
        batch = batches[number % len(batches)]
        loss = forward(X[batch], t[batch])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if not math.isfinite(loss.item()):
            raise FloatingPointError

    return step
