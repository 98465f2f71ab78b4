"""Ways out where the output of a network does not fit the targets of arrays."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import nndsl

X = np.zeros((6, 1, 4, 4))


@pytest.mark.parametrize(
    ("t", "network", "loss", "help"),
    [
        (np.arange(6), "flatten; dense(1)", "mean_squared_error", "save targets .* as floats"),
        (np.arange(6), "flatten; dense(3)", "softmax_cross_entropy", "give .* 6 units"),
        (
            np.eye(6),
            "flatten; dense(6)",
            "softmax_cross_entropy",
            "of a probability for each class",
        ),
        (np.ones((6, 16)), "relu", "mean_squared_error", "end with `flatten`$"),
        (np.ones((6, 1, 4, 4)), "relu", "mean_squared_error", "end with `flatten`$"),
        (np.ones((6, 3)), "relu", "mean_squared_error", "end with `flatten` and `dense`$"),
        (
            np.ones((6, 4, 4), int),
            "conv2d(2, 1)",
            "softmax_cross_entropy",
            r"end with `patches\(1\)`",
        ),
        (
            np.ones((6, 4, 4), int),
            "conv2d(8, 1); patches(2); dense(2)",
            "softmax_cross_entropy",
            "the height and width of the image",
        ),
    ],
)
def test_the_way_out_fits_the_targets(
    tmp_path: Path, t: np.ndarray, network: str, loss: str, help: str
) -> None:
    np.savez(tmp_path / "a.npz", x=X, t=t)
    train = f"train {{ loss = {loss}; optimizer = sgd }}"
    text = f'data = npz("a.npz")\nnetwork {{ {network} }}\n{train}\n'
    (tmp_path / "net.nn").write_text(text, "utf-8")
    (error,) = (one for one in nndsl.check(tmp_path / "net.nn") if one.code[2] == "3")
    assert re.search(help, error.help or "")
