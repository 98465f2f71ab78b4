"""Specs of images and sequences reach, at a small size, what they promise of the full one.

Each limit lies between what a spec reaches and what is left of that where a line of the script is
broken: the gradient through the state of a recurrent layer, that of queries or of filters, the
slope of relu, or the running statistics of batch norm.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.live.model import Model

SPECS = Path(__file__).parents[2] / "specs"
pytestmark = pytest.mark.slow


def load(name: str, **settings: int) -> Model:
    """Return a spec's model; `epochs` is the setting of `train`, others are names of the spec."""
    epochs = {"train.epochs": settings.pop("epochs")}
    return nndsl.load(SPECS / f"{name}.nn", set={**epochs, **settings})


@pytest.mark.parametrize("name", ["lenet", "small_resnet"])
def test_digits_are_read(name: str) -> None:
    assert load(name, epochs=3).fit().test["test_accuracy"] >= 0.945


def test_layers_of_the_page_learn() -> None:
    assert load("own_words", epochs=5).fit().test["test_accuracy"] >= 0.94


def test_an_autoencoder_beats_as_many_principal_components() -> None:
    """The best that 32 numbers can do where all that is made of them is linear."""
    model = load("autoencoder", epochs=8)
    parts = model.data()
    X, X_test = (parts[part][1].astype(np.float64) for part in ("training", "test"))
    mean = X.mean(axis=0)
    axes = np.linalg.svd(X - mean, full_matrices=False)[2][:32]
    rest = (X_test - mean) - (X_test - mean) @ axes.T @ axes
    assert model.fit().test["test_loss"] < (rest * rest).mean()


@pytest.mark.parametrize(
    ("name", "epochs", "least", "most"),
    [("char_rnn", 20, 1.5, 2.0), ("char_lstm", 10, 1.4, 1.72), ("tiny_gpt", 20, 1.5, 2.3)],
)
def test_fables_are_learnt(name: str, epochs: int, least: float, most: float) -> None:
    """What sees the character that it is to predict would be better than it can be."""
    rows = load(name, epochs=epochs).fit().rows
    assert least <= rows[-1]["validation_perplexity"] <= most


def test_sums_that_were_never_seen_are_right() -> None:
    model = load("seq_addition", places=2, samples=4000, epochs=20)
    assert model.fit().test["test_exact_match"] >= 0.95
