"""Answers without a network are those of scikit-learn's dummy estimators, worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl


def fitted(loss: str, outputs: int, X: np.ndarray, t: np.ndarray) -> nndsl.History:
    text = f"network {{ input({X.shape[1]}); dense({outputs}) }}\n"
    text += f"train {{ loss = {loss}; optimizer = sgd(lr=0.01); batch = 10; epochs = 1 }}"
    model = nndsl.load("page.nn", text=text, dtype="float64")
    return model.fit(X, t, validation=(X[:20], t[:20]))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_classes(rng: np.random.Generator) -> None:
    X, t = rng.standard_normal((100, 3)), rng.choice(4, 100, p=[0.7, 0.2, 0.1, 0.0])
    (baseline,) = fitted("softmax_cross_entropy", 4, X, t).baselines
    shares = np.bincount(t, minlength=4) / 100
    expected = -np.log(shares[t[:20]]).mean()
    assert baseline.results["validation_loss"] == pytest.approx(expected)
    assert baseline.results["validation_accuracy"] == (t[:20] == 0).mean()


def test_a_class_that_training_never_saw_costs_much_and_not_everything(
    rng: np.random.Generator,
) -> None:
    X, t = rng.standard_normal((100, 3)), np.zeros(100, int)
    text = "network { input(3); dense(2) }\ntrain { loss = softmax_cross_entropy; batch = 10"
    model = nndsl.load("page.nn", text=f"{text}; optimizer = sgd(lr=0.01); epochs = 1 }}")
    history = model.fit(X, t, validation=(X[:4], np.array([0, 0, 0, 1])))
    assert 5 < history.baselines[0].results["validation_loss"] < 6


@pytest.mark.parametrize(
    ("loss", "centre"),
    [("mean_squared_error", np.mean), ("mean_absolute_error", np.median)],
)
def test_values(loss: str, centre: object, rng: np.random.Generator) -> None:
    X, t = rng.standard_normal((100, 3)), rng.exponential(50, (100, 2))
    (baseline,) = fitted(loss, 2, X, t).baselines
    away = t[:20] - centre(t, axis=0)  # type: ignore[operator]
    expected = (away**2 if loss == "mean_squared_error" else abs(away)).mean()
    assert baseline.results["validation_loss"] == pytest.approx(expected)
    assert baseline.is_of_values


def test_yes_and_no(rng: np.random.Generator) -> None:
    X, t = rng.standard_normal((100, 3)), (rng.random((100, 1)) < 0.3).astype(float)
    (baseline,) = fitted("binary_cross_entropy", 1, X, t).baselines
    p = t.mean()
    expected = -(t[:20] * np.log(p) + (1 - t[:20]) * np.log(1 - p)).mean()
    assert baseline.results["validation_loss"] == pytest.approx(expected)


def test_texts_are_judged_beside_the_token_at_each_position(rng: np.random.Generator) -> None:
    text = """network { input(8, tokens=5); embedding(4); dense(5) }
        train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.01); batch = 10; epochs = 1 }"""
    X = rng.integers(0, 5, (200, 8))
    t = (X + 1) % 5  # the token tells all
    model = nndsl.load("page.nn", text=text)
    always, of_token = model.fit(X, t, validation=(X, t)).baselines
    assert always.results["validation_loss"] == pytest.approx(np.log(5), rel=0.01)
    assert of_token.results["validation_loss"] < 0.01
    assert of_token.results["validation_accuracy"] == 1


def test_the_model_predicts_as_before(rng: np.random.Generator) -> None:
    X, t = rng.standard_normal((100, 3)), rng.integers(0, 2, 100)
    text = "network { input(3); dense(2) }\ntrain { loss = softmax_cross_entropy; batch = 10"
    model = nndsl.load("page.nn", text=f"{text}; optimizer = sgd(lr=0.01); epochs = 1 }}")
    model.fit(X, t, validation=(X, t))
    assert model.predict(X).std(axis=0).min() > 0


def test_a_measure_has_the_constant_that_it_wants(rng: np.random.Generator) -> None:
    X, t = rng.standard_normal((100, 3)), rng.exponential(50, (100, 2))
    text = """network { input(3); dense(2) }
        train { loss = mean_squared_error; optimizer = sgd(lr=1e-6); batch = 10; epochs = 1
          metrics = [r2, mean_absolute_error, mean_pinball_loss(alpha=0.9)] }"""
    model = nndsl.load("page.nn", text=text, dtype="float64")
    history = model.fit(X, t, validation=(X[:20], t[:20]))
    of_mean, of_median, of_quantile = history.baselines
    assert of_median.answer == "the median of the targets"
    assert list(of_median.results) == [
        "training_mean_absolute_error",
        "validation_mean_absolute_error",
    ]
    expected = abs(t[:20] - np.median(t, axis=0)).mean()
    assert of_median.results["validation_mean_absolute_error"] == pytest.approx(expected)
    best = min((b.results["training_mean_absolute_error"], b.answer) for b in (of_mean, of_median))
    assert history.baseline("training_mean_absolute_error") == (of_median.answer, best[0])
    assert history.baseline("validation_r2") == (of_mean.answer, of_mean.results["validation_r2"])
    away = t[:20] - np.quantile(t, 0.9, axis=0)
    expected = np.maximum(0.9 * away, -0.1 * away).mean()
    assert of_quantile.results["validation_mean_pinball_loss"] == pytest.approx(expected)


@pytest.mark.parametrize(("loss", "outputs"), [("softmax", 2), ("binary", 1)])
def test_of_a_rare_class_always_answering_it_is_the_baseline(
    loss: str, outputs: int, rng: np.random.Generator
) -> None:
    t = (rng.random(100) < 0.1).astype(int)
    text = f"""network {{ input(3); dense({outputs}) }}
        train {{ loss = {loss}_cross_entropy; optimizer = sgd(lr=1e-6); batch = 10; epochs = 1
          metrics = [f1(positive=1), recall(positive=1)] }}"""
    model = nndsl.load("page.nn", text=text)
    X, share = rng.standard_normal((100, 3)), t.mean()
    targets = t if outputs == 2 else t[:, None]
    history = model.fit(X, targets, validation=(X, targets))
    found = history.baseline("validation_f1")
    assert found == ("class 1 for every example", pytest.approx(2 * share / (1 + share)))
    assert history.baseline("validation_recall") == (history.baselines[0].answer, 0)


def test_one_class_for_tokens_is_judged_beside_the_last_of_them(rng: np.random.Generator) -> None:
    text = """network { input(8, tokens=5); embedding(4); flatten; dense(5) }
        train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.01); batch = 10; epochs = 1 }"""
    X = rng.integers(0, 5, (200, 8))
    t = (X[:, -1] + 2) % 5
    history = nndsl.load("page.nn", text=text).fit(X, t, validation=(X, t))
    assert history.baseline("validation_accuracy") == ("the last token", 1.0)


def test_images_that_are_their_own_targets_are_no_windows_with_a_past(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.random.default_rng(0).random((40, 2, 3)))
    (tmp_path / "a.nn").write_text(
        'data = npz("a.npz", t="x")\nnetwork { flatten; dense(6) }\n'
        "train { loss = mean_squared_error; optimizer = sgd; epochs = 1 }\n",
        "utf-8",
    )
    answers = [baseline.answer for baseline in nndsl.load(tmp_path / "a.nn").fit().baselines]
    assert answers == ["the mean of the targets"]
