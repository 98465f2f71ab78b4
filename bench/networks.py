"""The networks that are measured: as specs, and as plain descriptions for everyone else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a script that is measured has a word to say before numpy begins
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.generic]

SPECS = Path(__file__).parents[1] / "specs"
EXAMPLES = 4096  # of made-up data: a step takes a batch of them by index


@dataclass(frozen=True)
class Network:
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
        """The text of the network in the language."""
        lines = ["network {", f"  input({self.sizes[0]})"]
        for units in self.sizes[1:-1]:
            if self.normalized:
                lines += [f"  dense({units}, bias=false)", "  batch_norm", f"  {self.activation}"]
                lines.append(f"  dropout({self.drop})")
            else:
                lines += [f"  dense({units})", f"  {self.activation}"]
        lines += [f"  dense({self.sizes[-1]})", "}", "train {", f"  loss = {self.loss}"]
        lines += [f"  optimizer = {self.optimizer}(lr={self.rate})", f"  batch = {self.batch}", "}"]
        return "\n".join(lines)

    @property
    def products(self) -> float:
        """The arithmetic of the matrix products of a step, in floating-point operations."""
        pairs = list(zip(self.sizes, self.sizes[1:], strict=False))
        forward = sum(a * b for a, b in pairs)
        return 2.0 * self.batch * (3 * forward - pairs[0][0] * pairs[0][1])

    @cached_property
    def data(self) -> tuple[Array, Array]:
        """The examples and their targets, the same for everyone, in an order of chance.

        They are copied, and the first array is given back, as scripts do that shuffle and split
        their data. It matters: the C library then keeps the memory of a step for the next one,
        and does not ask the system for it, page by page, again and again.
        """
        if self.table:
            import nndsl

            X, t = nndsl.load(SPECS / self.table).data()["training"]
            return X, t
        import numpy as np

        rng = np.random.default_rng(0)
        X = rng.random((EXAMPLES, self.sizes[0]), dtype=np.float32)
        order, t = rng.permutation(EXAMPLES), rng.integers(0, self.sizes[-1], EXAMPLES)
        return X[order], t[order]

    @cached_property
    def batches(self) -> list[npt.NDArray[np.int64]]:
        """The indices of some batches, the same for everyone."""
        import numpy as np

        rng = np.random.default_rng(1)
        return [rng.permutation(len(self.data[0]))[: self.batch] for _ in range(16)]


NETWORKS = {
    "small-sigmoid": Network(
        "784-50-10 sigmoid, SGD, batch 100", (784, 50, 10), "sigmoid", "sgd", 0.1, 100
    ),
    "deep-relu": Network(
        "784-100×4-10 relu, Adam, batch 128",
        (784, 100, 100, 100, 100, 10),
        "relu",
        "adam",
        1e-3,
        128,
    ),
    "normalized": Network(
        "784-100×4-10 relu, batch norm, dropout, Adam, batch 128",
        (784, 100, 100, 100, 100, 10),
        *("relu", "adam", 1e-3, 128),
        normalized=True,
    ),
    "wide": Network(
        "784-1024-1024-10 relu, Adam, batch 256", (784, 1024, 1024, 10), "relu", "adam", 1e-3, 256
    ),
    "tiny": Network("2-64-64-10 relu, Adam, batch 32", (2, 64, 64, 10), "relu", "adam", 1e-3, 32),
    "twenty-layers": Network(
        "64-64×20-10 relu, Adam, batch 64", (64, *[64] * 20, 10), "relu", "adam", 1e-3, 64
    ),
    "table": Network(
        "a table: 6-30-30-1 tanh, mean squared error, Adam, batch 20",
        (6, 30, 30, 1),
        *("tanh", "adam", 1e-2, 20),
        table="pendulum.nn",
    ),
}
