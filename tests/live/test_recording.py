"""Recording shows what goes on in a network, and changes nothing of it."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recordings import PLAIN, load, recorded

import nndsl
from nndsl.live.gradients.parsed_script import ParsedScript
from nndsl.live.recording import recorder
from nndsl.live.recording.record import MAX_HISTOGRAMS
from nndsl.live.recording.recorder import BATCH, Recorder, all_instruments
from nndsl.vocabulary import registry
from nndsl.vocabulary.instrument import Instrument

pytestmark = pytest.mark.slow  # trains, or draws, again and again

CHANCE = """\
data = digits(validation=0.1, test=0.2)
network {
  dense(30); batch_norm; relu; dropout(0.3)
  residual { dense(30); tanh }
  dense(10)
}
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); SETTINGS }
"""


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return list(one) == list(other) and all(np.array_equal(one[n], other[n]) for n in one)


# --- The training is left as it is --------------------------------------------------------


@pytest.mark.parametrize("optimize", [False, True], ids=["plain", "optimized"])
@pytest.mark.parametrize(
    "settings",
    [
        "epochs = 4",
        "steps = 70; batch = 50",
        "epochs = 12; stop = early(patience=1); regularize = l2(1e-4); clip = global_norm(1)",
        "epochs = 2; batch = 10_000",
        "epochs = 3; dtype = float64",
    ],
)
def test_a_training_is_the_same_to_the_bit_when_it_is_recorded(
    settings: str, optimize: bool
) -> None:
    text = CHANCE.replace("SETTINGS", settings)
    alone = nndsl.load("net.nn", text=text, optimize=optimize)
    seen = nndsl.load("net.nn", text=text, optimize=optimize)
    recorder = Recorder(seen, all_instruments())
    one, other = alone.fit(), seen.fit()
    assert one.rows == other.rows
    assert one.test == other.test
    assert same(alone.parameters, seen.parameters)
    assert same(alone.state, seen.state)
    assert recorder.record.epochs == list(range(len(one.rows) + 1))


def test_two_recordings_are_the_same() -> None:
    text = CHANCE.replace("SETTINGS", "epochs = 2")
    tables = [list(recorded(text)[1]._arrays()) for _ in range(2)]
    assert same(dict(tables[0]), dict(tables[1]))


def test_the_text_that_is_watched_is_the_one_that_runs() -> None:
    model = load(CHANCE.replace("SETTINGS", "epochs = 1"))
    recorder = Recorder(model, all_instruments())
    running = [statement.text for statement in ParsedScript(model.source).statements]
    seen = recorder._program.training.loss_and_gradients.statements  # type: ignore[union-attr]
    assert [statement.text for statement in seen] == running


def test_numerical_gradients_leave_activations_to_be_seen() -> None:
    text = "data = xor(samples=40)\nnetwork { dense(3); tanh; dense(2) }\n" + (
        "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 1\n"
        "  gradient = numerical; dtype = float64 }"
    )
    alone = load(text)
    _, record = recorded(text)
    assert record.series["activations", "A1"].at(1, "std") > 0
    assert record.series["gradients", "W1"].at(0, "norm") > 0
    assert alone.fit().rows == load(text).fit().rows


# --- The numbers are right ---------------------------------------------------------------


def test_the_numbers_are_those_of_the_network() -> None:
    _, record = recorded(PLAIN)
    model = load(PLAIN)
    X, t = (part[:BATCH] for part in model.data()["training"])
    assert record.examples == BATCH
    p = {name: array.astype(np.float64) for name, array in model.parameters.items()}
    A1 = np.maximum(0, X @ p["W1"] + p["b1"])
    A2 = np.maximum(0, A1 @ p["W2"] + p["b2"])
    for name, A in (("A1", A1), ("A2", A2)):
        series = record.series["activations", name]
        assert series.layer == "relu"
        assert series.at(0, "mean") == pytest.approx(A.mean(), rel=1e-5)
        assert series.at(0, "std") == pytest.approx(A.std(), rel=1e-5)
        assert series.at(0, "zero") == pytest.approx((A == 0).mean(), abs=1e-4)
        assert series.at(0, "dead") == pytest.approx((A == 0).all(axis=0).mean())
        assert math.isnan(series.at(0, "saturated"))  # it has one bound
    _, gradients = model.loss_and_gradients(X, t)
    for name, g in gradients.items():
        series = record.series["gradients", name]
        assert series.at(0, "norm") == pytest.approx(np.linalg.norm(g), rel=1e-4)
        assert series.at(0, "rms") == pytest.approx(np.sqrt((g**2).mean()), rel=1e-4)
    for name, value in p.items():
        assert record.series["weights", name].at(0, "std") == pytest.approx(value.std())


def test_updates_are_the_first_step_and_the_last_of_each_epoch() -> None:
    first, record = recorded(PLAIN, **{"train.epochs": 1, "train.batch": 2000})  # one step
    start = load(PLAIN).parameters
    for name, after in first.parameters.items():
        step = after.astype(np.float64) - start[name]
        for epoch in (0, 1):
            series = record.series["updates", name]
            assert series.at(epoch, "std") == pytest.approx(step.std())
            if name.startswith("W"):
                assert series.at(epoch, "ratio") == pytest.approx(step.std() / start[name].std())
            else:
                assert math.isnan(series.at(epoch, "ratio"))


@pytest.mark.parametrize(("steps", "epoch"), [(30, 1), (17, 2)])
def test_the_last_step_of_an_epoch_may_be_the_last_of_all(steps: int, epoch: int) -> None:
    text = PLAIN.replace("epochs = 2", "steps = STEPS")  # 15 of them are an epoch
    _, record = recorded(text.replace("STEPS", str(steps)))
    assert record.epochs == [0, 1, 2]
    ends = {}
    for number in (min(15 * epoch, steps) - 1, min(15 * epoch, steps)):
        model = load(text.replace("STEPS", str(number)))
        model.fit()
        ends[number] = model.parameters["W1"].astype(np.float64)
    before, after = ends.values()
    found = record.series["updates", "W1"].at(epoch, "std")
    assert found == pytest.approx((after - before).std())


def test_a_word_of_its_own_is_measured_too(tmp_path: Path) -> None:
    class Extremes(Instrument):
        """The largest value of each layer."""

        watches = "layers"
        value = "y"
        measure = "most = y.max()\nwidest = most - low"
        curve = "most"
        curve_title = "largest value"

    with registry.added(Extremes):
        model = load(PLAIN)
        recorder = Recorder(model, (Extremes(),))
        model.fit()
    record = recorder.record
    assert [(word, name) for word, name in record.series] == [
        ("extremes", name) for name in ("Z1", "A1", "Z2", "A2", "Z3")
    ]
    A1, Z1 = record.series["extremes", "A1"], record.series["extremes", "Z1"]
    assert A1.at(2, "widest") == A1.at(2, "most") == A1.histograms[2].high
    assert Z1.measures() == ["most"]  # no bound of it is known


# --- Files --------------------------------------------------------------------------------


def test_the_files(tmp_path: Path) -> None:
    _, record = recorded(PLAIN)
    record.save(tmp_path)
    with np.load(tmp_path / "record.npz", allow_pickle=False) as file:
        found = dict(file)
    assert found["epochs"].tolist() == [0, 1, 2]
    assert found["examples"] == BATCH
    series = record.series["activations", "A2"]
    assert found["activations/A2/std"].tolist() == [series.at(e, "std") for e in range(3)]
    counts, edges = (found[f"activations/A2/histogram_{what}"] for what in ("counts", "edges"))
    assert counts.sum(axis=1).tolist() == [20 * BATCH] * 3
    assert edges.shape == (3, counts.shape[1] + 1)
    assert edges[1, 0] == 0

    rows = list(csv.DictReader((tmp_path / "record.csv").open(newline="")))
    assert {row["instrument"] for row in rows} == {"activations", "gradients", "updates", "weights"}
    (row,) = (r for r in rows if (r["epoch"], r["instrument"], r["name"]) == ("2", "updates", "W1"))
    assert row["layer"] == "dense"
    ratio = record.series["updates", "W1"].at(2, "ratio")
    assert float(row["ratio"]) == pytest.approx(ratio, rel=1e-5)
    assert row["dead"] == ""


def test_of_a_long_training_some_histograms_are_kept() -> None:
    small = {"data": "xor(samples=20)", "train.epochs": 150}
    _, record = recorded(PLAIN.replace("dense(10)", "dense(2)"), **small)
    kept = sorted(record.series["activations", "A1"].histograms)
    assert len(kept) <= MAX_HISTOGRAMS
    assert (kept[0], kept[-1]) == (0, 150)
    assert len(set(np.diff(kept[:-1]))) == 1
    assert len(record.series["activations", "A1"].numbers) == 151


def test_a_large_layer_is_watched_on_fewer_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MAX_NUMBERS", 20 * 50)
    _, record = recorded(PLAIN)
    assert record.examples == 50
    assert record.series["activations", "A1"].histograms[0].counts.sum() == 20 * 50
