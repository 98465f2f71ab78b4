"""Data drawn at random: their shapes, that they repeat, and that they can be learnt."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from nndsl.data import DataError
from nndsl.vocabulary import registry


def word(name: str, **arguments: Any) -> Any:
    found = registry.find("data", name)
    assert found is not None
    return found(**arguments)


def share_of_equal_neighbours(data: SimpleNamespace) -> float:
    """Return how often the nearest other example is of the same class."""
    distances = ((data.X[:, np.newaxis] - data.X) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    return float((data.t[distances.argmin(axis=1)] == data.t).mean())


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [("spiral", (300, 2), 3), ("moons", (200, 2), 2), ("xor", (200, 2), 2), ("blobs", (400, 6), 4)],
)
def test_classes_can_be_told_apart(load: Any, name: str, shape: Any, classes: int) -> None:
    data = load(word(name))
    assert data.X.shape == shape
    assert data.known.classes == classes
    counts = np.bincount(data.t)
    assert len(counts) == classes
    assert counts.max() - counts.min() <= 1
    assert share_of_equal_neighbours(data) > 0.95


@pytest.mark.parametrize("name", ["spiral", "moons", "xor", "blobs", "sine"])
def test_arguments_reach_the_text(load: Any, name: str) -> None:
    small = load(word(name, samples=10, noise=0.0), np.float32)
    assert len(small.X) == 10
    noisy = load(word(name, samples=10, noise=0.5), np.float32)
    assert not np.array_equal(
        small.X if name != "sine" else small.t, noisy.X if name != "sine" else noisy.t
    )


def test_pixels_of_shapes_have_classes(load: Any) -> None:
    data = load(word("shapes", samples=200, size=12, noise=0.0))
    images, classes = data.X[:, 0], data.t.reshape(200, 12, 12)
    assert data.known.per_position
    assert not images[classes == 0].any()
    for image, seen in zip(images, classes, strict=True):
        for kind in (1, 2):
            assert len(np.unique(image[seen == kind])) <= 1  # one brightness
        rows, columns = np.nonzero(seen == 2)
        assert len(rows) == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
        assert np.ptp(rows) == np.ptp(columns)
    known = load(word("shapes", samples=2000)).known.signal
    found = load(word("shapes", samples=2000)).X
    assert known.mean == pytest.approx(found.mean(), abs=0.02)
    assert known.variance == pytest.approx(found.var(), abs=0.02)


def test_counts_of_classes_and_features_are_free(load: Any) -> None:
    assert load(word("spiral", classes=5, samples=52)).X.shape == (52, 2)
    assert load(word("blobs", classes=7, samples=50, features=3)).X.shape == (50, 3)


def test_xor_is_1_where_one_coordinate_is(load: Any) -> None:
    data = load(word("xor", noise=0.0))
    assert np.array_equal(data.t, data.X.sum(axis=1) == 1)


def test_sine_without_noise_is_the_sine(load: Any) -> None:
    data = load(word("sine", noise=0.0))
    assert np.allclose(data.t, np.sin(data.X))
    assert data.X.min() < -2.5
    assert data.X.max() > 2.5


@pytest.mark.slow
def test_gaussian_numbers_say_nothing_of_their_class(load: Any) -> None:
    data = load(word("gaussian", classes=2, samples=400))
    assert data.X.shape == (400, 100)
    assert abs(data.X.mean()) < 0.02
    assert abs(data.X.std() - 1) < 0.02
    assert 0.4 < share_of_equal_neighbours(data) < 0.6


@pytest.mark.parametrize("name", ["spiral", "blobs", "gaussian"])
def test_fewer_samples_than_classes_are_refused(name: str) -> None:
    with pytest.raises(DataError, match="2 samples are fewer than 3 classes") as caught:
        word(name, classes=3, samples=2).describe(Path())
    assert caught.value.field == "samples"


@pytest.mark.parametrize("name", ["blobs", "gaussian"])
def test_more_numbers_than_memory_holds_are_refused(name: str) -> None:
    with pytest.raises(DataError, match="samples times features"):
        word(name, samples=10_000_000, features=101).describe(Path())


@pytest.mark.parametrize(("name", "fewest"), [("moons", 2), ("xor", 4)])
def test_every_class_has_an_example(name: str, fewest: int) -> None:
    assert word(name, samples=fewest).samples == fewest
    with pytest.raises(ValidationError, match="greater than or equal"):
        word(name, samples=fewest - 1)
