"""The data of specs/digits.nn, split as the script splits it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

Pair = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]
FILE = Path(__file__).parents[2] / "nndsl" / "datasets" / "digits.npz"
VALIDATION, TEST = 0.1, 0.2


def load() -> tuple[Pair, Pair]:
    """Return (X, t) for training and validation."""
    with np.load(FILE) as file:
        X = file["x"].reshape(-1, 64).astype(np.float32) / 16
        t = file["t"].astype(np.int64)
    order = np.random.default_rng(0).spawn(1)[0].permutation(len(X))
    n_test, n_validation = round(TEST * len(X)), round(VALIDATION * len(X))
    _, validation, training = np.split(order, [n_test, n_test + n_validation])
    return (X[training], t[training]), (X[validation], t[validation])
