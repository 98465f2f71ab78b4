"""Initializers: the moments they promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from execution import fields, run
from pydantic import ValidationError

from nndsl.vocabulary import registry
from nndsl.vocabulary.initializers.uniform import Uniform

SHAPE = (300, 200)


def draw(word: str, shape: tuple[int, ...] = SHAPE, **arguments: Any) -> np.ndarray:
    initializer = registry.find("initializers", word)
    assert initializer is not None
    made = initializer(**arguments)
    names = fields(made) | {"shape": shape, "fan_in": 300, "fan_out": 200, "dtype": np.float64}
    drawn = run(made.draw, **names, rng=np.random.default_rng(0))["w"]
    assert isinstance(drawn, np.ndarray)
    return drawn


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
@pytest.mark.parametrize(
    ("word", "variance"), [("xavier", 2 / 500), ("he", 2 / 300), ("lecun", 1 / 300)]
)
def test_scaled_initializers(word: str, variance: float, distribution: str) -> None:
    w = draw(word, distribution=distribution)
    assert w.var() == pytest.approx(variance, rel=0.02)
    assert abs(w.mean()) < 0.02 * w.std()
    is_bounded = bool(np.abs(w).max() <= (3 * variance) ** 0.5)
    assert is_bounded == (distribution == "uniform")


def test_plain_distributions() -> None:
    normal = draw("normal", std=0.01, mean=0.5)
    assert normal.std() == pytest.approx(0.01, rel=0.02)
    assert normal.mean() == pytest.approx(0.5, rel=0.001)
    uniform = draw("uniform", low=-0.2, high=0.6)
    assert -0.2 <= uniform.min() < -0.19
    assert 0.59 < uniform.max() < 0.6
    assert (draw("constant", value=3) == 3).all()


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5), (8, 3, 2, 2), (3, 8, 2, 2), (7,)])
def test_orthogonal_keeps_lengths(shape: tuple[int, ...]) -> None:
    w = draw("orthogonal", shape, gain=2.0).reshape(shape[0], -1)
    short = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    assert short == pytest.approx(4 * np.eye(len(short)), abs=1e-12)


@pytest.mark.parametrize("high", [0.5, 0.4])
def test_uniform_needs_room_between_its_bounds(high: float) -> None:
    with pytest.raises(ValidationError, match="`high` must be greater than `low`"):
        Uniform(low=0.5, high=high)
