"""What a report says of classes and columns is what scikit-learn says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nndsl
from nndsl.live.importance import permutation_importance
from nndsl.live.judgement import Judgement
from nndsl.report.judged import class_table

sklearn: Any = pytest.importorskip("sklearn", reason="comes with the extra verify; CI demands it")
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", range(20))
def test_the_classes_of_a_report(seed: int) -> None:
    from sklearn.metrics import classification_report, confusion_matrix

    rng = np.random.default_rng(seed)
    true, predicted = rng.choice(6, 30, p=[0.4, 0.3, 0.1, 0.1, 0.1, 0]), rng.integers(0, 5, 30)
    true[true == seed % 3] = 3  # a class that is never true, and 5 that is neither
    names = tuple(f"class {k}" for k in range(6))
    found = Judgement("test", true, names, true, predicted, True)
    assert np.array_equal(found.confusion, confusion_matrix(true, predicted, labels=range(6)))
    occurring = np.union1d(true, predicted)
    shown = [names[k] for k in occurring]
    expected = classification_report(
        true, predicted, target_names=shown, output_dict=True, zero_division=0
    )
    for name, *numbers, examples in class_table(found).rows:
        one = expected[name.replace("average", "avg")]
        scores = (one["precision"], one["recall"], one["f1-score"])
        assert numbers == [f"{score:.3f}" for score in scores], name
        assert float(examples) == one["support"]


@pytest.mark.parametrize(
    ("end", "scoring"),
    [
        ("loss = mean_squared_error; metrics = [r2]", "r2"),
        ("loss = mean_squared_error", "neg_mean_squared_error"),
        ("loss = mean_absolute_error; metrics = [mean_absolute_error]", "neg_mean_absolute_error"),
    ],
)
def test_the_importance_of_columns(
    end: str, scoring: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same permutations, by a network as scikit-learn's estimator."""
    from sklearn.base import BaseEstimator, RegressorMixin
    from sklearn.inspection import permutation_importance as expected_of

    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 4))
    t = X @ [3, 0, 1, 0.1] + 0.1 * rng.standard_normal(80)
    table = np.column_stack([X, t]).tolist()
    rows = "\n".join(",".join(map(repr, row)) for row in table)
    Path("t.csv").write_text(f"a,b,c,d,y\n{rows}\n")
    model = nndsl.load(
        "page.nn",
        text=f"""data = csv("t.csv", target="y", test=0.3)
            network {{ dense(8); tanh; dense(1) }}
            train {{ {end}; optimizer = adam(lr=0.01); epochs = 20; dtype = float64 }}""",
    )
    model.fit()

    class Estimator(RegressorMixin, BaseEstimator):  # type: ignore[misc]
        fitted_ = True

        def fit(self, X: Any, y: Any) -> Estimator:
            return self

        def predict(self, X: Any) -> Any:
            return model.predict(X)[:, 0]

    inputs, targets = model.data()["test"]
    expected = expected_of(
        Estimator(), inputs, targets[:, 0], scoring=scoring, n_repeats=5, random_state=3
    )
    found = {one.column: one for one in permutation_importance(model, inputs, targets, seed=3)}
    for at, name in enumerate("abcd"):
        assert found[name].mean == pytest.approx(expected.importances_mean[at], rel=1e-9, abs=1e-12)
        assert found[name].deviation == pytest.approx(expected.importances_std[at], rel=1e-7)
    assert max(found.values(), key=lambda one: one.mean).column == "a"
