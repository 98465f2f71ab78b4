"""How much a network goes by each column of a table: what it loses when that column is shuffled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nndsl.analysis.metrics import higher_is_better
from nndsl.data import inputs_of
from nndsl.live.arrays import Arrays, Examples
from nndsl.live.errors import ModelError
from nndsl.live.model import Model
from nndsl.live.network import measured

REPEATS = 5
_TOO_GOOD = 0.995  # of what is 1 at best
_BESIDE = 0.1  # of the importance of the first column, that of all others together


@dataclass(frozen=True, slots=True)
class Importance:
    """How much worse `measure` gets where a column is shuffled: the mean, and the deviation."""

    column: str
    measure: str
    mean: float
    deviation: float


def permutation_importance(
    model: Model, X: Examples, t: Examples, w: Any = None, *, repeats: int = REPEATS, seed: int = 0
) -> list[Importance]:
    """Return the importance of each column of a table, the largest first.

    As scikit-learn's `permutation_importance` of the same `random_state`: by the first metric, or
    by the loss without one. The inputs that a column of texts became are shuffled together; of a
    network with several inputs each is shuffled as a whole. ModelError where there is no column.
    """
    columns = model.spec.description.inputs
    if isinstance(X, Arrays):
        places: dict[str, Any] = dict.fromkeys(X, slice(None))
    elif columns and sum(column.width for column in columns) == X.shape[-1]:
        places = {**inputs_of(columns)}
    else:
        raise ModelError("the inputs are no columns of a table, which could be shuffled")
    train = model.reported
    measure = train[1] if len(train) > 1 else train[0]
    sign = 1 if higher_is_better(f"test_{measure}") else -1
    X, t, weights = model.inputs(X), model.targets(t), model.weights(w, len(X))

    def score(inputs: Examples) -> float:
        return sign * measured(model.namespace, inputs, t, *weights)[train.index(measure)]

    best, found = score(X), []
    drawn = np.random.RandomState(seed).randint(np.iinfo(np.int32).max + 1)
    for name, own in places.items():
        rng, order, shuffled, scores = np.random.RandomState(drawn), np.arange(len(X)), X.copy(), []
        array = shuffled[name] if isinstance(X, Arrays) else shuffled
        for _ in range(repeats):
            rng.shuffle(order)
            array[..., own] = array[order][..., own]
            scores.append(best - score(shuffled))
        found.append(Importance(name, measure, float(np.mean(scores)), float(np.std(scores))))
    return sorted(found, key=lambda one: -one.mean)


def is_too_good(model: Model, results: Mapping[str, float]) -> str:
    """Return the measure that is nearly at its best; "" if none is, or of several outputs."""
    if len(model.spec.heads) > 1:
        return ""
    names = (name.removeprefix("test_") for name in results if results[name] >= _TOO_GOOD)
    return next((name for name in names if higher_is_better(f"test_{name}")), "")


def doubt_of_one(model: Model, known: Sequence[Importance], results: Mapping[str, float]) -> str:
    """Say so where a result that is nearly perfect rests on one column alone; empty: it does not.

    The results are of one part of the data, the importance of its columns as well.
    """
    measure, (first, *others) = is_too_good(model, results), known
    beside = sum(max(0.0, one.mean) for one in others)
    if not measure or not others or first.mean <= 0 or beside > _BESIDE * first.mean:
        return ""
    return (
        f"The {measure.replace('_', ' ')} is nearly 1, and rests on the column `{first.column}` "
        "alone: does it hold what is to be predicted, and is it known when the model is used?"
    )
