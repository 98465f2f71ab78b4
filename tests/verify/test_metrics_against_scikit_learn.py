"""Metrics are those of scikit-learn: on random outputs, with ties, and with classes missing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nndsl.vocabulary import registry
from nndsl.vocabulary.metric import Metric
from tests.vocabulary.execution import fields, run

sklearn: Any = pytest.importorskip(
    "sklearn.metrics", reason="comes with the extra verify; CI demands it"
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning"),
]

CLASSES, EXAMPLES = 5, 40
OF_CLASSES = {
    "accuracy": sklearn.accuracy_score,
    "balanced_accuracy": sklearn.balanced_accuracy_score,
    "precision": lambda t, p: sklearn.precision_score(t, p, average="macro", zero_division=0),
    "recall": lambda t, p: sklearn.recall_score(t, p, average="macro", zero_division=0),
    "f1": lambda t, p: sklearn.f1_score(t, p, average="macro", zero_division=0),
}
OF_ONE_CLASS = {
    "precision": sklearn.precision_score,
    "recall": sklearn.recall_score,
    "f1": sklearn.f1_score,
}
OF_SCORES = {
    "roc_auc": sklearn.roc_auc_score,
    "average_precision": sklearn.average_precision_score,
}
OF_VALUES = {
    "r2": sklearn.r2_score,
    "mean_squared_error": sklearn.mean_squared_error,
    "root_mean_squared_error": sklearn.root_mean_squared_error,
    "mean_absolute_error": sklearn.mean_absolute_error,
    "median_absolute_error": sklearn.median_absolute_error,
    "mean_absolute_percentage_error": sklearn.mean_absolute_percentage_error,
    "mean_pinball_loss": sklearn.mean_pinball_loss,
}
SEEDS = range(20)


def value(metric: Metric, outputs: int, **names: Any) -> float:
    form = metric.for_outputs(outputs, weighs="w" in names)
    text = f"{metric.definitions}\nresult = {form}"
    return float(run(text, **fields(metric), **names)["result"])


def word(name: str, **arguments: Any) -> Metric:
    return registry.get(Metric, name)(**arguments)


def drawn_classes(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return true and predicted classes; some of them do not occur on one side or on both."""
    rng = np.random.default_rng(seed)
    there = rng.permutation(CLASSES)[: rng.integers(2, CLASSES + 1)]
    called = rng.permutation(CLASSES)[: rng.integers(1, CLASSES + 1)]
    true, wrong = rng.choice(there, EXAMPLES), rng.choice(called, EXAMPLES)
    return true, np.where(rng.random(EXAMPLES) < 0.5, true, wrong)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", OF_CLASSES)
def test_measures_of_classes(name: str, seed: int) -> None:
    true, predicted = drawn_classes(seed)
    found = value(word(name), CLASSES, true=true, predicted=predicted)
    assert found == pytest.approx(OF_CLASSES[name](true, predicted), rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", OF_ONE_CLASS)
def test_measures_of_one_class(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    true, predicted = rng.random((2, EXAMPLES)) < 0.2
    for t, p in ((true, predicted), (true, np.zeros_like(true)), (np.zeros_like(true), predicted)):
        found = value(word(name, positive=1), 1, true=t, predicted=p)
        assert found == pytest.approx(OF_ONE_CLASS[name](t, p, zero_division=0), rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", OF_SCORES)
def test_measures_of_scores(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    score = rng.integers(0, 6, EXAMPLES) / 5  # with ties
    true = rng.random(EXAMPLES) < 0.3
    true[:2] = True, False
    expected = OF_SCORES[name](true, score)
    assert value(word(name), 1, x=score[:, None], true=true) == pytest.approx(expected, rel=1e-12)
    both = np.stack([1 - score, score], axis=1)
    assert value(word(name), 2, x=both, true=true.astype(int)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", OF_SCORES)
def test_measures_of_scores_for_each_class(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(1, 5, (EXAMPLES, CLASSES)).astype(float)
    x /= x.sum(axis=1, keepdims=True)
    true = np.append(np.arange(CLASSES), rng.integers(0, CLASSES, EXAMPLES - CLASSES))
    if name == "roc_auc":
        expected = sklearn.roc_auc_score(true, x, multi_class="ovr", average="macro")
    else:
        expected = sklearn.average_precision_score(true, x, average="macro")
    assert value(word(name), CLASSES, x=x, true=true) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_log_loss(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.dirichlet(np.ones(CLASSES) / 3, EXAMPLES)
    x[0] = np.eye(CLASSES)[0]  # sure, and wrong
    true = np.append(1, rng.integers(0, CLASSES - 1, EXAMPLES - 1))  # one class never occurs
    expected = sklearn.log_loss(true, x, labels=range(CLASSES))
    assert value(word("log_loss"), CLASSES, x=x, true=true) == pytest.approx(expected, rel=1e-9)
    expected = sklearn.log_loss(true == 1, x[:, 1], labels=[False, True])
    found = value(word("log_loss"), 1, x=x[:, 1:2], true=true == 1)
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("outputs", [CLASSES, 1])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_calibration_error(seed: int, outputs: int) -> None:
    """The distances of scikit-learn's calibration curve, weighted by the examples in each bin."""
    curve = pytest.importorskip("sklearn.calibration").calibration_curve
    rng = np.random.default_rng(seed)
    x = rng.dirichlet(np.ones(max(outputs, 2)), EXAMPLES)[:, -outputs:]
    x[:5] = np.round(x[:5], 1)  # at the edges of bins
    true = rng.integers(0, max(outputs, 2), EXAMPLES)
    if outputs == 1:
        true, predicted, confidence = true == 1, x[:, 0] > 0.5, np.maximum(x, 1 - x)[:, 0]
    else:
        predicted, confidence = x.argmax(axis=1), x.max(axis=1)
    right = predicted == true
    accuracy, said = curve(right, confidence, n_bins=10)
    bins = np.searchsorted(np.linspace(0, 1, 11)[1:-1], confidence)
    shares = np.bincount(bins)[np.unique(bins)] / EXAMPLES
    expected = (shares * abs(accuracy - said)).sum()
    metric = word("expected_calibration_error")
    found = value(metric, outputs, x=x, true=true, predicted=predicted)
    assert found == pytest.approx(expected, rel=1e-9)


def test_an_area_of_one_class_alone_is_not_defined() -> None:
    x, true = np.linspace(0, 1, 5)[:, None], np.zeros(5, bool)
    assert math.isnan(value(word("roc_auc"), 1, x=x, true=true))
    assert value(word("average_precision"), 1, x=x, true=true) == 0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", OF_VALUES)
def test_measures_of_values(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = rng.standard_normal((EXAMPLES, 3)) * [1, 10, 100]
    x = t + rng.standard_normal((EXAMPLES, 3))
    t[:, 0] = x[:, 0] if seed % 3 == 0 else 2.0 if seed % 3 == 1 else t[:, 0]  # perfect, constant
    arguments = {"alpha": 0.8} if name == "mean_pinball_loss" else {}
    found = value(word(name, **arguments), 3, x=x, t=t)
    assert found == pytest.approx(OF_VALUES[name](t, x, **arguments), rel=1e-12)


def weights(seed: int) -> np.ndarray:
    """Return how much each example counts, some nothing, some alike; 1 in all."""
    w = np.random.default_rng([seed, 1]).integers(0, 4, EXAMPLES).astype(float)
    return w / w.sum()


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.parametrize("seed", SEEDS[:6])
@pytest.mark.parametrize("name", [*OF_CLASSES, "top_k_accuracy"])
def test_measures_of_classes_by_weights(name: str, seed: int) -> None:
    w = weights(seed)
    true, predicted = drawn_classes(seed)
    average = {"average": "macro", "zero_division": 0} if name in OF_ONE_CLASS else {}
    if name == "top_k_accuracy":
        x = np.random.default_rng(seed).random((EXAMPLES, CLASSES))
        expected = sklearn.top_k_accuracy_score(
            true, x, k=2, labels=range(CLASSES), sample_weight=w
        )
        assert value(word(name, k=2), CLASSES, x=x, true=true, w=w) == pytest.approx(expected)
        return
    score = getattr(sklearn, f"{name}_score")
    expected = score(true, predicted, sample_weight=w, **average)
    found = value(word(name), CLASSES, true=true, predicted=predicted, w=w)
    assert found == pytest.approx(expected, rel=1e-12)
    if average:
        expected = score(true == 1, predicted == 1, sample_weight=w, zero_division=0)
        one = {"true": true == 1, "predicted": predicted == 1}
        assert value(word(name, positive=1), 1, **one, w=w) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS[:6])
@pytest.mark.parametrize("name", [*OF_SCORES, "log_loss"])
def test_measures_of_scores_by_weights(name: str, seed: int) -> None:
    w, rng = weights(seed), np.random.default_rng(seed)
    x = rng.integers(1, 5, (EXAMPLES, CLASSES)).astype(float)
    x /= x.sum(axis=1, keepdims=True)
    true = np.append(np.arange(CLASSES), rng.integers(0, CLASSES, EXAMPLES - CLASSES))
    score = OF_SCORES.get(name, sklearn.log_loss)
    more = {"multi_class": "ovr"} if name == "roc_auc" else {}
    more |= {"average": "macro"} if name in OF_SCORES else {}
    expected = score(true, x, sample_weight=w, **more)
    assert value(word(name), CLASSES, x=x, true=true, w=w) == pytest.approx(expected, rel=1e-9)
    expected = score(true == 1, x[:, 1], sample_weight=w)
    found = value(word(name), 1, x=x[:, 1:2], true=true == 1, w=w)
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS[:6])
@pytest.mark.parametrize("name", [*OF_VALUES, "max_error"])
def test_measures_of_values_by_weights(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = rng.standard_normal((EXAMPLES, 3)) * [1, 10, 100]
    x, w = t + rng.standard_normal((EXAMPLES, 3)).round(1), weights(seed)
    arguments = {"alpha": 0.8} if name == "mean_pinball_loss" else {}
    found = value(word(name, **arguments), 3, x=x, t=t, w=w)
    if name == "max_error":  # which scikit-learn has no weights for
        assert found == np.abs(x - t).max()
        return
    expected = OF_VALUES[name](t, x, sample_weight=w, **arguments)
    assert found == pytest.approx(expected, rel=1e-12)


def test_the_calibration_error_of_what_counts_twice_is_that_of_two() -> None:
    rng = np.random.default_rng(0)
    x, true = rng.dirichlet(np.ones(CLASSES), EXAMPLES), rng.integers(0, CLASSES, EXAMPLES)
    often = rng.integers(0, 4, EXAMPLES)
    metric, given = word("expected_calibration_error"), {"x": x, "true": true}
    given["predicted"] = x.argmax(axis=1)
    twice = {name: np.repeat(array, often, axis=0) for name, array in given.items()}
    found = value(metric, CLASSES, **given, w=often / often.sum())
    assert found == pytest.approx(value(metric, CLASSES, **twice), rel=1e-9)


def test_the_largest_error() -> None:
    rng = np.random.default_rng(0)
    t, x = rng.standard_normal((2, EXAMPLES, 1))
    expected = sklearn.max_error(t[:, 0], x[:, 0])
    assert value(word("max_error"), 1, x=x, t=t) == pytest.approx(expected, rel=1e-12)
