"""The networks that are measured: as specs, and as plain descriptions for everyone else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a script that is measured has a word to say before numpy begins
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.generic]

SPECS = Path(__file__).parents[1] / "specs"
EXAMPLES = 4096  # of made-up data: a step takes a batch of them by index
# So many are predicted before any step is timed, as a training does after each epoch: the C library
# keeps the memory that this gives back, and the steps of all epochs but the first find it there.
EVALUATED = 1000


class Network(Protocol):
    """What everyone knows of a network."""

    @property
    def title(self) -> str: ...

    @property
    def optimizer(self) -> str: ...

    @property
    def rate(self) -> float: ...

    @property
    def batch(self) -> int: ...

    @property
    def loss(self) -> str: ...

    @property
    def spec(self) -> str:
        """The text of the network in the language."""

    @property
    def data(self) -> tuple[Array, Array]:
        """The examples and their targets, the same for everyone, in an order of chance.

        They are copied, and the first array is given back, as scripts do that shuffle and split
        their data. It matters: the C library then keeps the memory of a step for the next one,
        and does not ask the system for it, page by page, again and again.
        """

    @property
    def batches(self) -> list[npt.NDArray[np.int64]]:
        """The indices of some batches, the same for everyone."""


@dataclass(frozen=True)
class DenseNetwork:
    """Dense layers of `sizes` with the same activation between them.

    `plain` networks have no layers but these; `normalized` ones have batch normalisation before
    each activation and dropout behind it.
    """

    title: str
    sizes: tuple[int, ...]
    activation: str
    optimizer: str
    rate: float
    batch: int
    normalized: bool = False
    table: str = ""  # the spec whose data it learns, a regression; else random classes
    drop: float = 0.2

    @property
    def loss(self) -> str:
        return "mean_squared_error" if self.table else "softmax_cross_entropy"

    @property
    def spec(self) -> str:
        lines = ["network {", f"  input({self.sizes[0]})"]
        for units in self.sizes[1:-1]:
            if self.normalized:
                lines += [f"  dense({units}, bias=false)", "  batch_norm", f"  {self.activation}"]
                lines.append(f"  dropout({self.drop})")
            else:
                lines += [f"  dense({units})", f"  {self.activation}"]
        lines += [f"  dense({self.sizes[-1]})", "}"]
        return "\n".join(lines) + _training(self)

    @property
    def products(self) -> float:
        """The arithmetic of the matrix products of a step, in floating-point operations."""
        pairs = list(zip(self.sizes, self.sizes[1:], strict=False))
        forward = sum(a * b for a, b in pairs)
        return 2.0 * self.batch * (3 * forward - pairs[0][0] * pairs[0][1])

    @cached_property
    def data(self) -> tuple[Array, Array]:
        if self.table:
            import nndsl

            X, t = nndsl.load(SPECS / self.table).data()["training"]
            return X, t
        return _made_up((self.sizes[0],), self.sizes[-1])

    @cached_property
    def batches(self) -> list[npt.NDArray[np.int64]]:
        return _batches(len(self.data[0]), self.batch)


@dataclass(frozen=True)
class Architecture:
    """Layers of any kind: as a spec says them, and `name` in `contestants/modules.py`.

    An example has the shape `example`; of `classes` it belongs to one, or, where it consists of
    so many `tokens`, has one target for each.
    """

    title: str
    name: str
    layers: str
    example: tuple[int, ...]
    classes: int
    batch: int
    tokens: int = 0
    optimizer: str = "adam"
    rate: float = 1e-3
    loss: str = "softmax_cross_entropy"

    @property
    def spec(self) -> str:
        return self.layers + _training(self)

    @cached_property
    def data(self) -> tuple[Array, Array]:
        return _made_up(self.example, self.classes, self.tokens)

    @cached_property
    def batches(self) -> list[npt.NDArray[np.int64]]:
        return _batches(EXAMPLES, self.batch)


def _training(network: Network) -> str:
    """Return the part of a spec that says how it is trained."""
    lines = ["", "train {", f"  loss = {network.loss}"]
    lines.append(f"  optimizer = {network.optimizer}(lr={network.rate})")
    return "\n".join([*lines, f"  batch = {network.batch}", "}"])


def _made_up(example: tuple[int, ...], classes: int, tokens: int = 0) -> tuple[Array, Array]:
    import numpy as np

    rng = np.random.default_rng(0)
    shape = (EXAMPLES, *example)
    X = rng.integers(0, tokens, shape) if tokens else rng.random(shape, dtype=np.float32)
    order, t = rng.permutation(EXAMPLES), rng.integers(0, classes, shape if tokens else EXAMPLES)
    return X[order], t[order]


def _batches(examples: int, size: int) -> list[npt.NDArray[np.int64]]:
    import numpy as np

    rng = np.random.default_rng(1)
    return [rng.permutation(examples)[:size] for _ in range(16)]


LENET = """network {
  input(1, 28, 28)
  conv2d(30, kernel=5)
  relu
  max_pool(2)
  flatten
  dense(100)
  relu
  dense(10)
}"""
GPT = """block transformer(features) {
  residual {
    layer_norm
    self_attention(heads=4, causal=true)
  }
  residual {
    layer_norm
    dense(4 * features)
    gelu
    dense(features)
  }
}
network {
  input(64, tokens=65)
  embedding(64, init=normal(0.02))
  positional_embedding(init=normal(0.02))
  repeat(4) { transformer(64) }
  layer_norm
  dense(65)
}"""
LSTM = """network {
  input(64, tokens=65)
  embedding(128)
  lstm(128, output=all)
  dense(65)
}"""
NETWORKS: dict[str, Network] = {
    "small-sigmoid": DenseNetwork(
        "784-50-10 sigmoid, SGD, batch 100", (784, 50, 10), "sigmoid", "sgd", 0.1, 100
    ),
    "deep-relu": DenseNetwork(
        "784-100×4-10 relu, Adam, batch 128",
        (784, 100, 100, 100, 100, 10),
        "relu",
        "adam",
        1e-3,
        128,
    ),
    "normalized": DenseNetwork(
        "784-100×4-10 relu, batch norm, dropout, Adam, batch 128",
        (784, 100, 100, 100, 100, 10),
        *("relu", "adam", 1e-3, 128),
        normalized=True,
    ),
    "wide": DenseNetwork(
        "784-1024-1024-10 relu, Adam, batch 256", (784, 1024, 1024, 10), "relu", "adam", 1e-3, 256
    ),
    "tiny": DenseNetwork(
        "2-64-64-10 relu, Adam, batch 32", (2, 64, 64, 10), "relu", "adam", 1e-3, 32
    ),
    "twenty-layers": DenseNetwork(
        "64-64×20-10 relu, Adam, batch 64", (64, *[64] * 20, 10), "relu", "adam", 1e-3, 64
    ),
    "table": DenseNetwork(
        "a table: 6-30-30-1 tanh, mean squared error, Adam, batch 20",
        (6, 30, 30, 1),
        *("tanh", "adam", 1e-2, 20),
        table="pendulum.nn",
    ),
    "lenet": Architecture(
        "28×28, 30 filters 5×5, max-pool 2, 100, 10, Adam, batch 100",
        *("lenet", LENET, (1, 28, 28), 10, 100),
    ),
    "gpt": Architecture(
        "GPT: 4 layers, 4 heads, width 64, window 64, Adam, batch 16",
        *("gpt", GPT, (64,), 65, 16, 65),
    ),
    "lstm": Architecture(
        "LSTM: width 128, window 64, Adam, batch 32", *("lstm", LSTM, (64,), 65, 32, 65)
    ),
}
