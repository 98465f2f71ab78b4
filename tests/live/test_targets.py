"""Targets that are numbers: of which type they become, where they may lie, what is held to them."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.live.errors import ModelError
from nndsl.live.prediction import load_trained
from nndsl.live.weights import open_weights
from nndsl.source import read_source

PAGE = """
data = csv("t.csv", target=("p", "q"), test=0.25)
network { dense(3); tanh; dense(2) }
train {
  loss = binary_cross_entropy; optimizer = adam(lr=0.1); epochs = 3
  metrics = [mean_absolute_error, mean_squared_error]
}
"""
ROWS = [f"{n / 7:.4f},{(n * 5) % 11 - 5},{n % 5 / 4},{n % 2}" for n in range(40)]


def write(folder: Path, last: str = "1,1,0.5,0.5") -> Path:
    (folder / "t.csv").write_text("\n".join(["a,b,p,q", *ROWS, last]) + "\n")
    page = folder / "net.nn"
    page.write_text(PAGE)
    return page


@pytest.mark.parametrize("optimize", [False, True])
def test_probabilities_are_held_to_the_targets(tmp_path: Path, optimize: bool) -> None:
    page = write(tmp_path)
    model = nndsl.load(page, optimize=optimize)
    history = model.fit()
    X, t = model.data()["test"]
    scores = model.predict(X)
    P = 1 / (1 + np.exp(-scores.astype(float)))
    assert (scores < 0).any(), "a score is no probability"
    found = model.evaluate(X, t)
    assert found["mean_absolute_error"] == pytest.approx(np.abs(P - t).mean(), rel=1e-5)
    assert found["mean_squared_error"] == pytest.approx(((P - t) ** 2).mean(), rel=1e-5)
    assert history.results["test_mean_absolute_error"] == found["mean_absolute_error"]
    assert "before the sigmoid" in model.source


def test_answers_are_probabilities(tmp_path: Path) -> None:
    page = write(tmp_path)
    model = nndsl.load(page)
    model.fit()
    model.save(tmp_path / "w.npz")
    used = load_trained(read_source(page), {}, open_weights(tmp_path / "w.npz"))
    X = model.data()["test"][0]
    answers = used.answers(X)[""]
    assert answers.classes is None
    assert answers.names == ("p", "q")
    expected = 1 / (1 + np.exp(-model.predict(X).astype(float)))
    np.testing.assert_allclose(answers.scores, expected, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("value", ["7", "-0.001"])
def test_a_script_refuses_targets_outside(value: str, tmp_path: Path) -> None:
    page = write(tmp_path, f"1,1,0.5,{value}")
    script = tmp_path / "net.py"
    script.write_text(nndsl.build(page))
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 1
    assert f"targets go from {min(0.0, float(value))}" in done.stderr
    assert "and not 0 to 1: rescale them" in done.stderr
    run = subprocess.run(
        [sys.executable, "-m", "nndsl", "run", "net.nn", "-o", "r"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert run.returncode == 2
    assert "net.nn:2:1: the data cannot be loaded: targets go from" in run.stderr


@pytest.mark.parametrize("value", [7.0, -0.5, math.nan])
def test_a_model_refuses_targets_outside(value: float, tmp_path: Path) -> None:
    model = nndsl.load(write(tmp_path))
    X, t = model.data()["training"]
    t = t.copy()
    t[3, 1] = value
    for refuses in (model.evaluate, model.loss_and_gradients):
        with pytest.raises(ModelError, match="takes targets from 0 to 1") as caught:
            refuses(X, t)
        assert "rescale them" in (caught.value.help or "")


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("loss", ["mean_squared_error", "huber", "mean_absolute_error"])
def test_a_model_of_float32_calculates_in_float32(loss: str, optimize: bool) -> None:
    text = f"network {{ input(2); dense(3) }}\ntrain {{ loss = {loss}; optimizer = sgd }}"
    model = nndsl.load("net.nn", text=text, optimize=optimize)
    rng = np.random.default_rng(0)
    X, t = rng.random((5, 2)), rng.random((5, 3))
    value, gradients = model.loss_and_gradients(X, t)
    assert value.dtype == np.float32
    assert {gradient.dtype for gradient in gradients.values()} == {np.dtype(np.float32)}
    same, _ = model.loss_and_gradients(X.astype(np.float32), t.astype(np.float32))
    assert value == same
    for _ in model.epochs({"training": (X, t), "validation": (X, t)}):
        break
    assert {array.dtype for array in model.parameters.values()} == {np.dtype(np.float32)}


def test_dtype_and_seed_without_train() -> None:
    text = "network { input(2); dense(3) }"
    first, second = (nndsl.load("net.nn", text=text, dtype="float64", seed=n) for n in (1, 2))
    assert first.dtype == first.parameters["W1"].dtype == np.float64
    assert (first.parameters["W1"] != second.parameters["W1"]).any()
    assert first.predict(np.ones((1, 2))).dtype == np.float64
    trained = text + "\ntrain { loss = mean_squared_error; optimizer = sgd }"
    same = nndsl.load("net.nn", text=trained, dtype="float64", seed=1)
    np.testing.assert_array_equal(first.parameters["W1"], same.parameters["W1"])
    with pytest.raises(ModelError, match="dtype is float32 or float64, and not float16"):
        nndsl.load("net.nn", text=text, dtype="float16")
