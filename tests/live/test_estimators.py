"""Pages as estimators of scikit-learn: its own checks, and what people do with estimators."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nndsl.cli import main

pytestmark = pytest.mark.slow  # to import scikit-learn takes seconds

PAGE = """
let features = 64
let outputs  = 10
let hidden   = 10
let rate     = 0.01

data = digits(test=0.2)

network { input(features); dense(hidden); relu; dense(outputs) }

train { loss = softmax_cross_entropy; optimizer = adam(lr=rate); epochs = 8; batch = 16 }
"""


@pytest.fixture
def estimators() -> Any:
    pytest.importorskip("sklearn")
    import nndsl.sklearn

    return nndsl.sklearn


@pytest.fixture
def table() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((120, 3))
    return X, np.where(X[:, 0] + X[:, 1] > 0, "yes", "no")


@pytest.mark.parametrize("kind", ["Classifier", "Regressor"])
def test_the_checks_of_scikit_learn(estimators: Any, kind: str) -> None:
    from sklearn.utils.estimator_checks import check_estimator

    settings = {"train.epochs": 15, "train.optimizer": "adam(lr=0.02)"}
    estimator = getattr(estimators, kind)(hidden=20, **settings)
    found = check_estimator(estimator, on_fail=None, on_skip=None)
    assert len(found) > 50
    failed = {one["check_name"]: one["exception"] for one in found if one["status"] == "failed"}
    assert failed == {}


def test_a_search_over_let_names_searches_the_structure(estimators: Any, table: Any) -> None:
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pipeline = make_pipeline(StandardScaler(), estimators.Classifier(PAGE, rate=0.02))
    grid = {"classifier__hidden": [1, 12], "classifier__train.epochs": [9]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(*table)
    best = search.best_estimator_[-1]
    assert best.model_.parameters["W1"].shape == (3, search.best_params_["classifier__hidden"])
    assert best.n_iter_ == 9
    assert best.get_params()["rate"] == 0.02
    assert search.best_score_ > 0.8


TABLE = """
let width = 3

data = csv("missing.csv", target="y", standardize=true, validation=0.1)

network { dense(width); relu; dense(classes) }

train { loss = softmax_cross_entropy; optimizer = adam(lr=0.1); epochs = 2 }
"""


def test_x_and_y_say_what_the_data_of_the_page_would(estimators: Any, table: Any) -> None:
    one = estimators.Classifier(TABLE.replace("dense(width)", "dense(2 * features)")).fit(*table)
    assert one.model_.parameters["W1"].shape == (3, 6)
    assert one.model_.parameters["W2"].shape == (6, 2)
    assert set(one.get_params()) == {"spec", "random_state", "validation_fraction", "width"}


def test_a_page_of_new_is_trained_as_it_is(
    estimators: Any, table: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    X, y = table
    rows = [
        "a,b,c,kind",
        *(f"{','.join(map(str, x))},{kind}" for x, kind in zip(X, y, strict=True)),
    ]
    Path("some.csv").write_text("\n".join(rows), encoding="utf-8")
    assert main(["new", "--from", "some.csv", "--target", "kind", "-o", "some.nn"]) == 0
    Path("some.csv").unlink()
    one = estimators.Classifier("some.nn", **{"train.epochs": 10, "train.optimizer": "adam"})
    assert one.fit(X, y).score(X, y) > 0.8


def test_a_search_over_pages(estimators: Any, table: Any) -> None:
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV

    other = TABLE.replace("width", "breadth").replace("3", "5")
    one = clone(estimators.Classifier(TABLE)).set_params(spec=other)
    assert set(one.get_params()) == {"spec", "random_state", "validation_fraction", "breadth"}
    assert clone(estimators.Classifier(TABLE, width=4)).get_params()["width"] == 4
    search = GridSearchCV(estimators.Classifier(TABLE), {"spec": [TABLE, other]}, cv=2).fit(*table)
    best = search.best_estimator_.model_.parameters["W1"].shape[1]
    assert best == {TABLE: 3, other: 5}[search.best_params_["spec"]]


def test_it_is_cloned_kept_and_asked(estimators: Any, table: Any, tmp_path: Path) -> None:
    from sklearn.base import clone
    from sklearn.inspection import permutation_importance

    path = tmp_path / "net.nn"
    path.write_text(PAGE, encoding="utf-8")
    X, y = table
    one = estimators.Classifier(path, hidden=12, random_state=3, validation_fraction=0.2)
    assert set(one.get_params()) == {
        "spec",
        "random_state",
        "validation_fraction",
        "hidden",
        "rate",
    }
    two = clone(one).fit(X, y)
    assert not hasattr(one, "model_")
    assert list(two.classes_) == ["no", "yes"]
    assert len(two.history_.rows) == 8
    three = pickle.loads(pickle.dumps(two))
    assert (three.predict_proba(X) == two.predict_proba(X)).all()
    assert (clone(one).fit(X, y).predict_proba(X) == two.predict_proba(X)).all()
    importance = permutation_importance(two, X, y, n_repeats=2, random_state=0).importances_mean
    assert importance.argmin() == 2  # which says nothing about y


def test_images_in_a_table_get_their_shape(estimators: Any) -> None:
    page = """
    network { input(1, 4, 4); conv2d(2, 3); relu; flatten; dense(2) }
    train { loss = softmax_cross_entropy; optimizer = adam; epochs = 1 }
    """
    X = np.random.default_rng(0).standard_normal((20, 16))
    assert estimators.Classifier(page).fit(X, np.arange(20) % 2).predict(X).shape == (20,)


def test_a_regressor_takes_several_targets(estimators: Any) -> None:
    X = np.random.default_rng(0).standard_normal((90, 2))
    several = estimators.Regressor(hidden=20).fit(X, np.column_stack([X[:, 0], -X[:, 1]]))
    assert several.predict(X).shape == (90, 2)
    assert several.score(X, np.column_stack([X[:, 0], -X[:, 1]])) > 0.8
    assert estimators.Regressor(hidden=20).fit(X, X[:, 0]).predict(X).shape == (90,)


def test_what_is_wrong_is_said(estimators: Any, table: Any) -> None:
    import nndsl

    with pytest.raises(ValueError, match=r"Invalid parameter 'hiden'.*hidden, rand"):
        estimators.Classifier(PAGE).set_params(hiden=3)
    with pytest.raises(nndsl.SpecError, match="no `let hiden`"):
        estimators.Classifier(PAGE, hiden=3).fit(*table)
    with pytest.raises(nndsl.ModelError, match="no `train`"):
        estimators.Classifier("network { input(3); dense(2) }").fit(*table)
    with pytest.raises(nndsl.SourceError, match="does not exist"):
        estimators.Classifier("missing.nn").fit(*table)
