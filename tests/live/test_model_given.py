"""A model that is given arrays, and one that is copied: it works, or says in a sentence why not."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nndsl

SPEC = """
data = spiral(classes=3, samples=60%s)
network { dense(8, weights=none); batch_norm; relu; dropout(0.2); dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 2 }
""".replace(", weights=none", "")
X = np.random.default_rng(0).normal(size=(20, 2))
T = np.arange(20) % 3


class Frame:
    """What pandas and polars have in common: columns, and an array where one is asked for."""

    def __init__(self, columns: dict[str, Any]) -> None:
        self.columns = columns

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(list(self.columns.values()), dtype).T


def model(held_back: str = "", **options: Any) -> nndsl.Model:
    return nndsl.load("net.nn", text=SPEC % held_back, **options)


def test_it_fits_what_it_is_given() -> None:
    one, two = model(), model()
    history = one.fit(X, T)
    assert [row["epoch"] for row in history.rows] == [1, 2]
    frame = Frame({"x": X[:, 0].astype(object), "y": X[:, 1]})
    two.fit(frame, [float(t) for t in T])
    assert (one.parameters["W1"] == two.parameters["W1"]).all()
    assert (one.predict(X) == two.predict(frame)).all()
    held = model(", validation=0.1").fit(X, T, validation=(X, T))
    assert "validation_loss" in held.rows[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda m: m.fit(X), "`fit` needs t"),
        (lambda m: m.fit(t=T), "`fit` needs X"),
        (lambda m: m.fit(X, T, validation=(X, T)), "holds no validation part"),
        (lambda m: m.fit(X, T[:5]), "X has 20 examples"),
        (lambda m: m.fit(X[:0], T[:0]), "no examples"),
        (lambda m: m.fit(X, T + 1), "from 0 to 2"),
        (lambda m: m.evaluate(X, T - 1), "from 0 to 2"),
        (lambda m: m.loss_and_gradients(X, T + 0.5), "from 0 to 2"),
        (lambda m: m.fit(X, T * np.nan), "from 0 to 2"),
        (lambda m: m.evaluate(X, T[:, None]), "the shape (N,), and has (20, 1)"),
        (lambda m: m.evaluate(X, None), "t is no array of numbers"),
        (lambda m: m.fit(X, list("ab" * 10)), "t is no array of numbers"),
        (lambda m: m.fit(Frame({"x": ["red"] * 20, "y": T}), T), "X is no array of numbers"),
        (lambda m: m.predict([[1, 2], [3]]), "X is no array of numbers"),
        (lambda m: m.predict({"x": 1}), "X is no array of numbers"),
        (lambda m: m.predict(None), "X is no array of numbers"),
    ],
)
def test_what_does_not_fit_is_said(call: Callable[[nndsl.Model], Any], says: str) -> None:
    with pytest.raises(nndsl.ModelError) as error:
        call(model())
    assert says in str(error.value)


def test_a_validation_part_that_the_script_measures_is_needed() -> None:
    for given in (None, X, (X,)):
        with pytest.raises(nndsl.ModelError, match="give validation="):
            model(", validation=0.1").fit(X, T, validation=given)  # type: ignore[arg-type]


def test_values_have_the_shape_of_the_output() -> None:
    text = "data = sine\nnetwork { dense(1) }\ntrain { loss = mean_squared_error; optimizer = sgd }"
    with pytest.raises(nndsl.ModelError, match=r"the shape \(N, 1\), and has \(20,\)"):
        nndsl.load("net.nn", text=text.replace("sgd", "sgd(lr=0.1)")).fit(X[:, :1], X[:, 0])


@pytest.mark.slow
@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize(
    "copied", [copy.deepcopy, copy.copy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_a_copy_goes_on_as_the_model_does(
    copied: Callable[[nndsl.Model], nndsl.Model], optimize: bool
) -> None:
    first = model(optimize=optimize)
    first.fit(X, T)
    other = copied(first)
    before = other.predict(X)
    assert (before == first.predict(X)).all()
    first.fit(X, T)
    assert (other.predict(X) == before).all()  # they share nothing
    other.fit(X, T)
    for name, array in first.parameters.items():
        assert (other.parameters[name] == array).all(), name
    assert (other.predict(X) == first.predict(X)).all()
