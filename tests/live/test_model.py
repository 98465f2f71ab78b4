"""The live model, as the language page promises it."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nndsl
from nndsl.live.arrays import Array
from nndsl.live.model import Watcher

SPEC = """
data = digits(validation=0.1, test=0.2)
let width = 20
network { dense(width); batch_norm; relu; dropout(0.1); dense(10) }
train { loss = softmax_cross_entropy; optimizer = adam; regularize = l2(1e-4); epochs = 2 }
"""


@pytest.fixture
def model() -> nndsl.Model:
    return nndsl.load("digits.nn", text=SPEC)


def test_parameters_come_in_the_order_of_the_layers(model: nndsl.Model) -> None:
    assert list(model.parameters) == ["W1", "b1", "gamma1", "beta1", "W2", "b2"]
    assert list(model.state) == ["running_mean1", "running_var1"]


def test_the_source_is_what_build_writes(model: nndsl.Model) -> None:
    assert model.source == nndsl.build("digits.nn", text=SPEC)


def test_set_dtype_and_seed_reach_the_model() -> None:
    model = nndsl.load("digits.nn", text=SPEC, set={"width": 7}, dtype="float64", seed=5)
    assert model.parameters["W1"].shape == (64, 7)
    assert model.parameters["W1"].dtype == np.float64
    again = nndsl.load("digits.nn", text=SPEC, set={"width": 7}, seed=5)
    assert np.array_equal(model.parameters["W1"].astype(np.float32), again.parameters["W1"])


def test_another_width_leaves_the_split_and_the_other_layers_alone() -> None:
    text = SPEC.replace("dense(width);", "dense(30); dense(width);")
    one, two = (nndsl.load("d.nn", text=text, set={"train.batch": 32, "width": w}) for w in (5, 6))
    assert np.array_equal(one.parameters["W1"], two.parameters["W1"])
    assert one.parameters["W2"].shape != two.parameters["W2"].shape
    assert np.array_equal(one.data()["test"][0], two.data()["test"][0])


def test_the_data_is_split_once(model: nndsl.Model) -> None:
    first = {part: pair[0].copy() for part, pair in model.data().items()}
    model.fit()
    for part, pair in model.data().items():
        assert np.array_equal(first[part], pair[0])


def test_a_step_lowers_the_loss_of_its_batch(model: nndsl.Model) -> None:
    X, t = model.data()["training"]
    before, gradients = model.loss_and_gradients(X[:64], t[:64])
    assert gradients.keys() == model.parameters.keys()
    for _ in range(20):
        model.update(model.loss_and_gradients(X[:64], t[:64])[1])
    assert model.loss_and_gradients(X[:64], t[:64])[0] < before


def test_fit_reports_every_epoch_and_the_test_part(model: nndsl.Model) -> None:
    history = model.fit()
    assert [row["epoch"] for row in history.rows] == [1, 2]
    assert history.names == [
        "epoch",
        "loss",
        "penalty",
        "training_accuracy",
        "validation_loss",
        "validation_accuracy",
    ]
    assert history.test.keys() == {"test_loss", "test_accuracy"}


def test_weights_survive_a_file(model: nndsl.Model, tmp_path: Path) -> None:
    model.fit()
    X = model.data()["test"][0]
    expected = model.predict(X)
    model.save(tmp_path / "weights.npz")
    other = nndsl.load("digits.nn", text=SPEC, seed=9)
    assert not np.array_equal(other.predict(X), expected)
    other.restore(tmp_path / "weights.npz")
    assert np.array_equal(other.predict(X), expected)


def test_weights_of_another_network_are_refused(model: nndsl.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "weights.npz")
    wider = nndsl.load("digits.nn", text=SPEC, set={"width": 21})
    before = {name: p.copy() for name, p in wider.parameters.items()}
    with pytest.raises(nndsl.ModelError, match=r"W1 is \(64, 20\) .* \(64, 21\)"):
        wider.restore(tmp_path / "weights.npz")
    assert all(np.array_equal(before[name], p) for name, p in wider.parameters.items())


def test_wrong_inputs_are_messages(model: nndsl.Model) -> None:
    with pytest.raises(nndsl.ModelError, match=r"shape \(64,\), and X is \(3, 65\)"):
        model.predict(np.zeros((3, 65)))
    untrained = nndsl.load("n.nn", text="network { input(3); dense(2) }")
    assert untrained.predict(np.zeros((4, 3))).shape == (4, 2)
    with pytest.raises(nndsl.ModelError, match="no train section"):
        untrained.update({})


def test_large_inputs_warn_of_nothing(model: nndsl.Model) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        X = np.full((8, 64), 1e4)
        model.predict(X)
        model.loss_and_gradients(X, np.zeros(8, np.int64))


def test_nothing_is_changed_that_is_given(model: nndsl.Model) -> None:
    X, t = (a[:32].copy() for a in model.data()["training"])
    kept = X.copy(), t.copy()
    parameters = {name: p.copy() for name, p in model.parameters.items()}
    model.loss_and_gradients(X, t)
    model.evaluate(X, t)
    assert np.array_equal(X, kept[0])
    assert np.array_equal(t, kept[1])
    assert all(np.array_equal(parameters[name], p) for name, p in model.parameters.items())


def test_a_diverging_run_says_when_and_what() -> None:
    text = SPEC.replace("adam;", "sgd(lr=1e6);").replace("batch_norm;", "")
    model = nndsl.load("digits.nn", text=text)
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"epoch 1: .* not finite"),
    ):
        model.fit()


def test_a_spec_with_errors_is_refused() -> None:
    with pytest.raises(nndsl.SpecError) as caught:
        nndsl.load("bad.nn", text="network { input(3); dnse(2) }")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.span.line, diagnostic.span.column) == ("NN201", 1, 21)


@pytest.mark.slow
def test_steps_and_early_stopping() -> None:
    by_steps = nndsl.load("d.nn", text=SPEC.replace("epochs = 2", "steps = 50"))
    by_steps.fit()
    assert len(by_steps.fit().rows) == 2  # 40 steps and 10
    stopping = SPEC.replace("epochs = 2", "epochs = 100; stop = early(patience=2)")
    model = nndsl.load("d.nn", text=stopping)
    history = model.fit()
    losses = [row["validation_loss"] for row in history.rows]
    assert len(losses) < 100
    assert losses.index(min(losses)) == len(losses) - 3
    assert history.kept == len(losses) - 2  # epochs count from 1
    assert history.results["epoch"] == history.kept
    measured = model.evaluate(*model.data()["validation"])["loss"]
    assert history.results["validation_loss"] == measured


@pytest.mark.parametrize("optimize", [False, True])
def test_a_step_takes_all_gradients(optimize: bool) -> None:
    model = nndsl.load("digits.nn", text=SPEC, optimize=optimize)
    before = model.parameters["W1"].copy()
    with pytest.raises(nndsl.ModelError, match="the gradient of W1 is missing"):
        model.update({})
    assert np.array_equal(model.parameters["W1"], before)
    assert model.step == 0


def test_a_training_counts_its_steps() -> None:
    model = nndsl.load("d.nn", text=SPEC.replace("epochs = 2", "steps = 50"))
    model.fit()
    assert model.step == 50
    model.update(model.loss_and_gradients(*model.data()["validation"])[1])
    assert model.step == 51


@pytest.mark.parametrize("seed", [-1, "a", 1.5, True, 2**60])
@pytest.mark.parametrize("text", ["network { input(2); dense(3) }", SPEC])
def test_a_seed_is_a_whole_number(text: str, seed: Any) -> None:
    with pytest.raises((nndsl.ModelError, nndsl.SpecError), match="seed"):
        nndsl.load("net.nn", text=text, seed=seed)


class Log(Watcher):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []

    def begins(self, X: Array, t: Array) -> None:
        self.seen.append(("begins", len(X)))

    def before_step(self, step: int) -> None:
        self.seen.append(("before", step))

    def after_step(self, step: int) -> None:
        self.seen.append(("after", step))

    def after_epoch(self, epoch: int) -> None:
        self.seen.append(("epoch", epoch))


def test_a_watcher_sees_each_step_and_epoch_in_its_order() -> None:
    text = "data = xor(samples=20)\nnetwork { dense(2) }\n" + (
        "train { loss = softmax_cross_entropy; optimizer = sgd; epochs = 2; batch = 10 }"
    )
    model, log = nndsl.load("net.nn", text=text), Log()
    model.watch(log)
    examples = len(model.data()["training"][0])
    model.fit()
    steps = -(-examples // 10)
    expected = [("begins", examples)]
    for epoch in (1, 2):
        for step in range((epoch - 1) * steps + 1, epoch * steps + 1):
            expected += [("before", step), ("after", step)]
        expected.append(("epoch", epoch))
    assert log.seen == expected
    copied = pickle.loads(pickle.dumps(model))
    copied.fit()  # a copy is watched by nobody
    assert log.seen == expected
