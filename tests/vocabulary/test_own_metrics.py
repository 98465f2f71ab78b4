"""Metrics of a page measure what those of the vocabulary do, and may be named where those may."""

from __future__ import annotations

import numpy as np
import pytest

import nndsl

CLASSES = """
metric error_rate { error = predicted != actual }
metric margin_score(limit=1) {
  right = pick(x, t)
  other = max(where(x == right, -1000, x))
  score = right - other > limit
}
data = blobs(classes=3, samples=60, validation=0.2, test=0.2)
network { dense(3) }
train {
  loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 4
  metrics = [accuracy, error_rate, margin_score]
  stop = early(patience=2, metric=validation_margin_score)
}
expect { test_margin_score >= 0 }
"""
VALUES = """
metric distance { e = abs(x - t); error = e }
metric within_score(limit=0.1) { score = abs(x - t) < limit }
data = sine(samples=80, test=0.2)
network { dense(8); tanh; dense(1) }
train {
  loss = mean_squared_error; optimizer = sgd(lr=0.1); epochs = 2
  metrics = [mean_absolute_error, distance, within_score]
}
"""


@pytest.mark.parametrize("style", ["flat", "layers"])
def test_of_classes(style: str) -> None:
    model = nndsl.load("page", text=CLASSES, style=style)
    test = model.fit().test
    assert test["test_error_rate"] == pytest.approx(1 - test["test_accuracy"])
    X, t = model.data()["test"]
    x = model.predict(X)
    right = x[np.arange(len(t)), t]
    others = np.where(np.arange(3) == t[:, None], -np.inf, x).max(axis=1)
    assert test["test_margin_score"] == pytest.approx((right - others > 1).mean())


def test_of_values() -> None:
    test = nndsl.load("page", text=VALUES).fit().test
    assert test["test_distance"] == pytest.approx(test["test_mean_absolute_error"])
    assert 0 <= test["test_within_score"] <= 1


@pytest.mark.slow
@pytest.mark.parametrize("text", [CLASSES, VALUES])
def test_the_script_is_held_to_the_page(text: str) -> None:
    report = nndsl.check_gradients(nndsl.load("page", text=text))
    assert report.passed, str(report)


@pytest.mark.parametrize(
    ("word", "code", "said"),
    [
        ("metric mine { score = abs(x - t) }", "NN228", "does not say what `error` is"),
        ("metric my_score { error = abs(x - t) }", "NN228", "does not say what `score` is"),
        ("metric mine { error = 3 }", "NN301", "the same for every example"),
        ("metric mine(p=2) { error = p * x }", "NN225", "scripts need"),
        ("metric accuracy { error = x }", "NN225", "a word of the language"),
    ],
)
def test_what_is_wrong_is_said(word: str, code: str, said: str) -> None:
    found = nndsl.check("page.nn", text=f"{word}\nnetwork {{ input(3); dense(3) }}\n")
    assert code in [one.code for one in found]
    assert any(said in one.message for one in found)


@pytest.mark.parametrize(
    "word", ["absolute_error", "predict", "softmax", "np", "P", "predicted", "mean_other"]
)
def test_a_metric_may_be_called_as_a_function_of_the_script_is(word: str) -> None:
    words = f"metric {word} {{ error = abs(x - t) + softmax(x) }}\nmetric other {{ error = x }}\n"
    body = VALUES[VALUES.index("data =") :].replace("within_score", f"other, {word}")
    body = body.replace("distance, ", "")
    test = nndsl.load("page", text=words + body).fit().test
    assert test[f"test_{word}"] == pytest.approx(test["test_mean_absolute_error"] + 1)


def test_a_place_that_the_network_has_not_is_an_error() -> None:
    text = CLASSES.replace("right = pick(x, t)", "right = pick(x, 5)")
    (found,) = [one for one in nndsl.check("page", text=text) if one.code == "NN301"]
    assert found.message == "there is no place `5` among 3 numbers: the first is 0"


def test_a_page_of_numbers_may_expect_something_of_its_metric() -> None:
    text = """
metric below_score { score = t <= x }
data = sine(samples=80, test=0.5)
network { dense(1) }
train { loss = pinball(0.9); optimizer = sgd(lr=0.1); metrics = [below_score] }
expect { test_below_score >= 0.5 }
"""
    assert nndsl.check("page", text=text) == []
