"""What is reached without a network is what scikit-learn's dummy estimators reach."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nndsl

sklearn: Any = pytest.importorskip(
    "sklearn.metrics", reason="comes with the extra verify; CI demands it"
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning"),
]


def baselines(loss: str, metrics: str, outputs: int, *parts: np.ndarray) -> dict[str, Any]:
    """Return what each answer reaches on the second part, by measure; the first is learnt from."""
    text = f"""network {{ input(3); dense({outputs}) }}
        train {{ loss = {loss}; optimizer = sgd(lr=1e-9); epochs = 1; metrics = [{metrics}] }}"""
    model = nndsl.load("page.nn", text=text, dtype="float64")
    X, t, X_new, t_new = parts
    history = model.fit(X, t, validation=(X_new, t_new))
    return {
        one.answer: {
            name.removeprefix("validation_"): value
            for name, value in one.results.items()
            if name.startswith("validation_")
        }
        for one in history.baselines
    }


@pytest.mark.parametrize("seed", range(5))
def test_classes(seed: int) -> None:
    from sklearn.dummy import DummyClassifier

    rng = np.random.default_rng(seed)
    X, X_new = rng.standard_normal((2, 60, 3))
    t, t_new = rng.choice(3, 60, p=[0.2, 0.7, 0.1]), rng.choice(3, 60, p=[0.3, 0.5, 0.2])
    measures = "accuracy, balanced_accuracy, precision, recall, f1, log_loss, roc_auc"
    (found,) = baselines("softmax_cross_entropy", measures, 3, X, t, X_new, t_new).values()
    dummy = DummyClassifier(strategy="prior").fit(X, t)
    predicted, P = dummy.predict(X_new), dummy.predict_proba(X_new)
    macro = {"average": "macro", "zero_division": 0}
    assert found == pytest.approx(
        {
            "loss": sklearn.log_loss(t_new, P),
            "accuracy": sklearn.accuracy_score(t_new, predicted),
            "balanced_accuracy": sklearn.balanced_accuracy_score(t_new, predicted),
            "precision": sklearn.precision_score(t_new, predicted, **macro),
            "recall": sklearn.recall_score(t_new, predicted, **macro),
            "f1": sklearn.f1_score(t_new, predicted, **macro),
            "log_loss": sklearn.log_loss(t_new, P),
            "roc_auc": sklearn.roc_auc_score(t_new, P, multi_class="ovr"),
        },
        rel=1e-9,
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_rare_class(seed: int) -> None:
    from sklearn.dummy import DummyClassifier

    rng = np.random.default_rng(seed)
    X, X_new = rng.standard_normal((2, 80, 3))
    t, t_new = (rng.random((2, 80)) < 0.1).astype(int)
    t_new[0] = 1
    measures = "f1(positive=1), recall(positive=1), average_precision"
    found = baselines("softmax_cross_entropy", measures, 2, X, t, X_new, t_new)
    most_frequent = DummyClassifier(strategy="most_frequent").fit(X, t).predict(X_new)
    always = DummyClassifier(strategy="constant", constant=1).fit(X, t).predict(X_new)
    prior = DummyClassifier(strategy="prior").fit(X, t).predict_proba(X_new)[:, 1]
    usual, of_class = found["how often each class occurs"], found["class 1 for every example"]
    assert usual["f1"] == sklearn.f1_score(t_new, most_frequent) == 0
    assert usual["recall"] == sklearn.recall_score(t_new, most_frequent)
    expected = sklearn.average_precision_score(t_new, prior)
    assert usual["average_precision"] == pytest.approx(expected)
    assert of_class == {"f1": pytest.approx(sklearn.f1_score(t_new, always))}


@pytest.mark.parametrize("seed", range(5))
def test_values(seed: int) -> None:
    from sklearn.dummy import DummyRegressor

    rng = np.random.default_rng(seed)
    X, X_new = rng.standard_normal((2, 60, 3))
    t, t_new = rng.exponential(50, (2, 60, 1))
    measures = (
        "r2, root_mean_squared_error, mean_absolute_error, median_absolute_error,"
        " mean_absolute_percentage_error, mean_pinball_loss(alpha=0.8)"
    )
    found = baselines("mean_squared_error", measures, 1, X, t, X_new, t_new)

    def dummy(strategy: str, **options: float) -> Any:
        return DummyRegressor(strategy=strategy, **options).fit(X, t).predict(X_new)

    mean, median = dummy("mean"), dummy("median")
    quantile = dummy("quantile", quantile=0.8)
    of_mean = found["the mean of the targets"]
    assert of_mean["loss"] == pytest.approx(sklearn.mean_squared_error(t_new, mean))
    assert of_mean["r2"] == pytest.approx(sklearn.r2_score(t_new, mean))
    expected = sklearn.root_mean_squared_error(t_new, mean)
    assert of_mean["root_mean_squared_error"] == pytest.approx(expected)
    names = ("mean_absolute_error", "median_absolute_error", "mean_absolute_percentage_error")
    assert found["the median of the targets"] == {
        name: pytest.approx(getattr(sklearn, name)(t_new, median)) for name in names
    }
    expected = sklearn.mean_pinball_loss(t_new, quantile, alpha=0.8)
    assert found["a quantile of the targets"] == {"mean_pinball_loss": pytest.approx(expected)}
