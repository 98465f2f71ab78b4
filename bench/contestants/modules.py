"""The architectures in PyTorch, of the layers that its tutorials take."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

from bench.networks import Architecture


def lenet(network: Architecture) -> nn.Module:
    """Return a convolution, a pooling and two dense layers."""
    channels, height, width = network.example
    rows, columns = (height - 4) // 2, (width - 4) // 2
    return nn.Sequential(
        nn.Conv2d(channels, 30, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(30 * rows * columns, 100),
        nn.ReLU(),
        nn.Linear(100, network.classes),
    )


class Attention(nn.Module):
    """Causal self-attention by PyTorch's own kernel."""

    def __init__(self, features: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.parts, self.mix = nn.Linear(features, 3 * features), nn.Linear(features, features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2)
            for part in self.parts(x).chunk(3, dim=2)
        )
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        made: torch.Tensor = self.mix(mixed.transpose(1, 2).flatten(2))
        return made


class Residual(nn.Module):
    """x + f(x)."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = x + self.body(x)
        return made


class LayerInstance(nn.Module):
    """Rows of features for tokens, and for where they stand."""

    def __init__(self, tokens: int, positions: int, features: int) -> None:
        super().__init__()
        self.token, self.place = nn.Embedding(tokens, features), nn.Embedding(positions, features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self.token(x) + self.place.weight
        return made


def gpt(network: Architecture, width: int = 64, layers: int = 4, heads: int = 4) -> nn.Module:
    """Return a transformer as GPT has it, each part normalized before."""
    blocks: list[nn.Module] = []
    for _ in range(layers):
        blocks.append(Residual(nn.LayerNorm(width), Attention(width, heads)))
        wide, narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        blocks.append(Residual(nn.LayerNorm(width), wide, nn.GELU("tanh"), narrow))
    placed = LayerInstance(network.tokens, network.example[0], width)
    return nn.Sequential(placed, *blocks, nn.LayerNorm(width), nn.Linear(width, network.classes))


class AllSteps(nn.Module):
    """An LSTM's state at every step."""

    def __init__(self, features: int, units: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(features, units, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self.lstm(x)[0]
        return made


def lstm(network: Architecture, width: int = 128) -> nn.Module:
    """Return an embedding, an LSTM and a dense layer."""
    embedding = nn.Embedding(network.tokens, width)
    return nn.Sequential(embedding, AllSteps(width, width), nn.Linear(width, network.classes))


MODULES: dict[str, Callable[[Architecture], nn.Module]] = {
    "lenet": lenet,
    "gpt": gpt,
    "lstm": lstm,
}
