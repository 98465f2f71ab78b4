"""A histogram of a record covers every value, and says what part lies elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from nndsl.live.recording.histogram import histogram


def test_every_value_is_counted() -> None:
    values = np.random.default_rng(0).standard_normal((50, 40))
    found = histogram(values)
    assert found.counts.sum() == 2000
    assert (found.low, found.high) == (values.min(), values.max())
    assert found.shares(found.edges).sum() == pytest.approx(1)


def test_over_wider_bins_it_is_the_same_histogram() -> None:
    values = np.random.default_rng(1).uniform(-1, 1, 100_000)
    edges = np.linspace(-0.5, 2, 11)
    expected = np.histogram(values, edges)[0] / len(values)
    assert histogram(values).shares(edges) == pytest.approx(expected, abs=2e-3)
    assert 1 - histogram(values).shares(edges).sum() == pytest.approx(0.25, abs=5e-3)


@pytest.mark.parametrize("value", [0.0, 1.0, -3.5, 1e-30])
def test_values_that_are_all_the_same_are_in_one_bin(value: float) -> None:
    found = histogram(np.full((10, 3), value))
    assert found.counts.max() == 30
    shares = found.shares(np.linspace(value - 1, value + 1.0001, 30))
    assert shares.max() == pytest.approx(1)


def test_what_is_not_finite_is_left_out() -> None:
    found = histogram(np.array([1.0, np.inf, 2.0, np.nan, -np.inf]))
    assert found.counts.sum() == 2
    assert (found.low, found.high) == (1, 2)
    empty = histogram(np.array([np.nan]))
    assert empty.shares(np.array([0.0, 1.0])).tolist() == [0]


def test_tails_are_cut_at_the_edge_of_a_bin() -> None:
    half = histogram(np.append(np.zeros(5000), np.linspace(0, 1, 5000)))
    low, high = half.without_tails(0.01)
    assert low == 0  # a heap of zeros is no tail
    assert 0.98 <= high < 0.99
    outside = 1 - half.shares(np.linspace(low, high, 5)).sum()
    assert 0 < outside < 0.0101
    assert histogram(np.zeros(10)).without_tails(0.01)[0] == 0
