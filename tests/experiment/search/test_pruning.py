"""Which trials are stopped before their end."""

from __future__ import annotations

import math

from nndsl.experiment.search.pruning import STARTUP, PruningHistory, best_so_far, is_hopeless
from nndsl.experiment.search.trial import Curve, Trial


def trial(number: int, *curve: float) -> Trial:
    return Trial(number, {}, {}, "finished", curve[-1], curve)


def limits(*curves: Curve, maximize: bool = True) -> Curve:
    record = PruningHistory(maximize=maximize)
    for number, curve in enumerate(curves):
        record.add(trial(number, *curve))
    return record.limits()


def test_nobody_is_stopped_before_there_is_something_to_compare_with() -> None:
    assert limits(*[(0.1, 0.2)] * (STARTUP - 1)) == ()
    assert not is_hopeless([0.0], (), maximize=True)


def test_the_limit_is_the_middle_of_what_the_others_had_reached() -> None:
    curves = [(n / 10, n / 10, (10 - n) / 10) for n in range(STARTUP)]
    first, second, third = limits(*curves)
    assert first == second == 0.5
    assert third == 0.8  # the best until then counts, and that of trial 0 is 1.0
    assert is_hopeless([0.4], (first,), maximize=True)
    assert not is_hopeless([0.5], (first,), maximize=True)
    assert not is_hopeless([0.6, 0.1], (first, second), maximize=True)


def test_of_a_loss_less_is_better() -> None:
    losses = [(float(n),) for n in range(STARTUP)]
    (limit,) = limits(*losses, maximize=False)
    assert limit == 4
    assert is_hopeless([5.0], (limit,), maximize=False)
    assert not is_hopeless([4.0], (limit,), maximize=False)


def test_the_first_epochs_stop_nobody() -> None:
    curves = [tuple(float(n) for _ in range(50)) for n in range(STARTUP)]
    found = limits(*curves)
    assert found[:4] == (-math.inf,) * 4
    assert found[4] == 5


def test_epochs_that_nobody_reached_stop_nobody() -> None:
    assert not is_hopeless([0.0, 0.0], (0.0,), maximize=True)


def test_best_so_far() -> None:
    assert best_so_far([2, 1, 3], maximize=True) == (2, 2, 3)
    assert best_so_far([2, 1, 3], maximize=False) == (2, 1, 1)
