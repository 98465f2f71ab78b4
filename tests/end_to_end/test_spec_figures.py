"""Specs of images and sequences reach, at a small size, what they promise of the full one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl

SPECS = Path(__file__).parents[2] / "specs"
pytestmark = pytest.mark.slow


def test_a_residual_network_reads_digits() -> None:
    history = nndsl.load(SPECS / "small_resnet.nn", set={"train.epochs": 3}).fit()
    assert history.test["test_accuracy"] >= 0.95


def test_an_autoencoder_beats_as_many_principal_components() -> None:
    """The best that 32 numbers can do where all that is made of them is linear."""
    model = nndsl.load(SPECS / "autoencoder.nn", set={"train.epochs": 8})
    parts = model.data()
    X, X_test = (parts[part][1].astype(np.float64) for part in ("training", "test"))
    mean = X.mean(axis=0)
    axes = np.linalg.svd(X - mean, full_matrices=False)[2][:32]
    rest = (X_test - mean) - (X_test - mean) @ axes.T @ axes
    assert model.fit().test["test_loss"] < (rest * rest).mean()


def test_a_recurrent_network_learns_the_fables() -> None:
    history = nndsl.load(SPECS / "char_rnn.nn").fit()
    assert history.rows[-1]["validation_perplexity"] <= 2.0


def test_sums_that_were_never_seen() -> None:
    sizes = {"places": 2, "samples": 4000, "train.epochs": 20}
    history = nndsl.load(SPECS / "seq_addition.nn", set=sizes).fit()
    assert history.test["test_exact_match"] >= 0.95
