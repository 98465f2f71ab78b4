"""The gradients of whole networks, however values fork and join, are those of the complex step."""

from __future__ import annotations

import numpy as np
import pytest
from complex_step import largest_error
from every_word import composite
from test_pairs import STRUCTURES
from test_training_settings import CASES, spec

import nndsl

N, FEATURES, CLASSES = 7, 4, 3
PENALTIES = "regularize = elastic_net(l1=0.1, l2=0.2)"


def error_of(text: str) -> float:
    model = nndsl.load("gradients.nn", text=text, dtype="float64")
    rng = np.random.default_rng(3)
    return largest_error(model, rng.normal(size=(N, FEATURES)), rng.integers(0, CLASSES, N))


@pytest.mark.slow
@pytest.mark.parametrize("network", STRUCTURES.values(), ids=STRUCTURES)
def test_structures(network: str) -> None:
    assert error_of(spec({"network": network, "settings": PENALTIES})) < 1e-12


@pytest.mark.parametrize("name", ["two penalties", "penalties of one kind", "layers of one kind"])
def test_penalties(name: str) -> None:
    assert error_of(spec(CASES[name])) < 1e-12


@pytest.mark.slow
def test_all_layers_in_one_network() -> None:
    assert error_of(composite()) < 1e-11
