"""Smoothed curves: without the jitter, and true to what curves do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nndsl.report.smoothing import smoothed


def test_jitter_goes() -> None:
    rng = np.random.default_rng(0)
    true = 0.9 - 0.5 * np.exp(-np.arange(100) / 20)
    noisy = true + rng.normal(0, 0.02, 100)
    error, was = (np.abs(np.array(v) - true)[5:-5].mean() for v in (smoothed(list(noisy)), noisy))
    assert error < 0.5 * was


@pytest.mark.parametrize("values", [[0.5], [1.0, 2.0], [1.0, 5.0, 2.0, 4.0]])
def test_few_values_stay(values: list[float]) -> None:
    assert smoothed(values) == pytest.approx(values)


def test_the_first_value_stays_and_the_end_does_not_swing_with_the_last() -> None:
    """It goes on as the last parabola does, which follows a parabola to its end."""
    values = [float(v) for v in np.random.default_rng(1).normal(size=80)]
    found = smoothed(values)
    assert found[0] == values[0]
    assert found[-6:] == pytest.approx(
        np.polyval(np.polyfit(range(11), values[-11:], 2), range(5, 11))
    )
    bend = [1 + (i / 80) ** 2 for i in range(80)]
    assert smoothed([-value for value in bend]) == pytest.approx([-value for value in bend])


def test_a_steep_loss_does_not_dip() -> None:
    """A parabola through a loss that falls by factors would lie below it."""
    loss = [math.exp(-i / 2) for i in range(80)]
    assert smoothed(loss) == pytest.approx(loss, rel=1e-9)


def test_no_value_lies_outside_its_neighbours() -> None:
    step = [0.0] * 40 + [1.0] * 40
    found = smoothed(step)
    assert min(found) == 0
    assert max(found) == 1
    assert found == sorted(found)
