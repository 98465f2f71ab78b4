"""Early stopping in a training loop of the kind that scripts have."""

from __future__ import annotations

import numpy as np
import pytest
from execution import evaluate, fields, run

from nndsl.vocabulary.stops.early import Early


def train(stop: Early, values: list[float]) -> tuple[int, int, float, float]:
    """Run through the values of the epochs.

    Return the last epoch, the one whose weights are said to be kept, a parameter, a statistic.
    """
    arrays = {"W": np.zeros(2), "mean": np.zeros(2)}
    names = fields(stop) | {"arrays": dict(arrays)}
    names |= run(stop.begin, **names)
    epoch = 0
    for epoch, value in enumerate(values, start=1):
        arrays["W"] += 1.0  # after epoch k every number is k
        arrays["mean"] += 1.0
        names |= run(stop.watch, **names, epoch=epoch, value=value)
        names = {name: v for name, v in names.items() if name not in ("epoch", "value")}
        if evaluate(stop.done, **names, epoch=epoch, value=value):
            break
    names |= run(stop.finish, **names)
    assert all(names["arrays"][name] is array for name, array in arrays.items())
    return epoch, names["best_epoch"], float(arrays["W"][0]), float(arrays["mean"][1])


@pytest.mark.parametrize(
    ("arguments", "values", "last", "best"),
    [
        ({"patience": 2}, [5, 4, 3, 4, 4, 1], 5, 3),
        ({"patience": 2}, [5, 4, 3, 2], 4, 4),
        ({"patience": 1}, [5, 5], 2, 1),
        ({"patience": 3}, [5, 4, 4.5, 3, 4, 4, 4], 7, 4),
        ({"patience": 2, "min_delta": 0.5}, [5, 4, 3.8, 3.6, 1], 4, 2),
        ({"patience": 2, "min_delta": 0.5}, [5, 4, 3.8, 3.4, 3.3], 5, 4),
        ({"patience": 2}, [5, 4, float("nan"), float("nan")], 4, 2),
        ({}, [5, 6, 6, 6, 6, 6, 6], 6, 1),
        ({}, [], 0, 0),
    ],
)
def test_the_best_epoch_is_restored(
    arguments: dict[str, float], values: list[float], last: int, best: int
) -> None:
    assert train(Early(**arguments), values) == (last, best, best, best)


def test_without_a_best_epoch_the_last_is_kept() -> None:
    nan = float("nan")
    assert train(Early(patience=2), [nan, nan]) == (2, 0, 2.0, 2.0)
