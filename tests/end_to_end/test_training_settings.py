"""Every setting of training, at its edges too, gives a script that is clean and runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from data_files import errors, install
from test_pairs import assert_lints, run_in_process

import nndsl
from nndsl.live.execute import execute

PARTS = {
    "data": "blobs(classes=3, samples=61, features=4, validation=0.2, test=0.2)",
    "network": "dense(5, bias=false); batch_norm; relu; dropout(0.1); dense(3)",
    "loss": "softmax_cross_entropy",
    "optimizer": "adam(lr=0.01)",
    "settings": "epochs = 3",
}
PLAIN = "blobs(classes=3, samples=61, features=4)"

CASES: dict[str, dict[str, str]] = {
    "batches of one": {"settings": "epochs = 2; batch = 1"},
    "one batch": {"settings": "epochs = 2; batch = 10_000"},
    "a last batch of one": {"data": PLAIN, "settings": "epochs = 2; batch = 20"},
    "one step": {"settings": "steps = 1"},
    "steps that end within an epoch": {"settings": "steps = 7; batch = 20"},
    "steps and a schedule": {"optimizer": "sgd(lr=cosine(0.1))", "settings": "steps = 9"},
    "a warmup longer than training": {"optimizer": "adam(lr=cosine(0.01, warmup=3000))"},
    "a rate of nothing": {"optimizer": "sgd(lr=0)"},
    "early by validation": {"settings": "epochs = 30; stop = early(patience=1)"},
    "early by steps": {"settings": "steps = 70; stop = early(patience=1)"},
    "early by accuracy": {
        "settings": "epochs = 30; stop = early(patience=1, metric=validation_accuracy)"
    },
    "early without states": {
        "network": "dense(4); relu; dense(3)",
        "settings": "epochs = 30; stop = early(patience=1)",
    },
    "early without validation": {
        "data": PLAIN,
        "settings": "epochs = 30; stop = early(patience=1, metric=training_accuracy)",
    },
    "no metrics": {"settings": "epochs = 2; metrics = []"},
    "other metrics": {"settings": "epochs = 2; metrics = [top_k_accuracy(k=2)]"},
    "all metrics": {
        "loss": "mean_squared_error",
        "settings": "metrics = [accuracy, top_k_accuracy, mean_squared_error, mean_absolute_error]",
    },
    "a metric of more than there are": {"settings": "metrics = [top_k_accuracy(k=20)]"},
    "a column": {"data": "xor(samples=40)", "network": "dense(1)", "loss": "binary_cross_entropy"},
    "a column of values": {
        "data": "xor(samples=40)",
        "network": "dense(1)",
        "loss": "huber",
        "settings": "metrics = [accuracy, mean_absolute_error]",
    },
    "a regression": {
        "data": "sine(samples=30, test=3)",
        "network": "dense(1)",
        "loss": "mean_absolute_error",
        "settings": "metrics = [mean_squared_error]; epochs = 2",
    },
    "a report now and then": {"settings": "epochs = 5; report = every(2)"},
    "a report beyond the end": {"settings": "epochs = 5; report = every(100)"},
    "more epochs than lines": {"settings": "epochs = 45"},
    "clipped values": {"settings": "clip = value(0.01); dtype = float64"},
    "a clipped norm": {"settings": "clip = global_norm(0.01)"},
    "a large seed": {"settings": "seed = 9007199254740992"},
    "one example to learn from": {
        "data": "blobs(classes=3, samples=61, features=4, validation=60)",
    },
    "images": {"data": "digits(images=true, test=0.9)", "network": "flatten; dense(10)"},
    "two penalties": {
        "network": "dense(5, regularize=l1(0.1)); tanh; dense(4, regularize=l2(0.1)); dense(3)",
        "settings": "regularize = elastic_net(l1=1e-4, l2=1e-4)",
    },
    "penalties of one kind": {
        "network": "dense(5, regularize=l2(1e-3)); tanh; dense(3)",
        "settings": "regularize = l2(1e-4)",
    },
    "initializers of one kind": {
        "network": "dense(5, init=he(distribution=uniform)); dense(5, init=he); dense(3)",
    },
    "layers of one kind": {
        "network": "dense(5); leaky_relu(0.1); leaky_relu(0.2); elu; elu(2.0); dense(3)"
    },
}


def spec(case: dict[str, str]) -> str:
    parts = PARTS | case
    return (
        f"data = {parts['data']}\nnetwork {{ {parts['network']} }}\n"
        f"train {{\n loss = {parts['loss']}\n optimizer = {parts['optimizer']}\n"
        f" {parts['settings']}\n}}\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_settings(case: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, losses = run_in_process(spec(case), tmp_path)
    assert np.isfinite(losses).all()
    assert_lints(model.source)
    # The same text once more, as a script: every column of the report has its heading.
    path = install(model.script, tmp_path / "alone")
    execute(model.source, str(path))["main"]()
    heading, *rows = capsys.readouterr().out.splitlines()
    rows = [row for row in rows if not row.startswith(("test ", "ended "))]
    assert 1 <= len(rows) <= 20
    assert {len(row.split()) for row in rows} == {len(heading.split())}
    assert {len(row) for row in rows} == {len(heading)}
    assert path.with_suffix(".weights.npz").exists()


def test_two_metrics_of_one_name_are_refused() -> None:
    text = spec({"settings": "metrics = [top_k_accuracy(k=2), accuracy, top_k_accuracy]"})
    assert [d.code for d in errors(text)] == ["NN203"]


@pytest.mark.parametrize("part", ["validation", "test"])
def test_a_part_that_holds_no_example_is_refused(part: str) -> None:
    text = spec({"data": f"blobs(classes=3, samples=61, {part}=0.001)"})
    assert [d.code for d in errors(text)] == ["NN310"]


def test_a_loss_that_is_not_finite_ends_training() -> None:
    model = nndsl.load("x.nn", text=spec({"loss": "mean_squared_error"}))
    model.parameters["W2"][:] = np.inf
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"^epoch 1: the loss is"),
    ):
        model.fit()


def test_an_interrupted_run_keeps_its_weights(tmp_path: Path) -> None:
    """Ctrl-C after the first epoch: the weights of that epoch are written, and judged."""
    (tmp_path / "spec.nn").write_text(
        spec({"settings": "epochs = 1000; report = every(1)"}), "utf-8"
    )
    model = nndsl.load(tmp_path / "spec.nn")
    path = install(model.script, tmp_path / "alone")
    interrupt = f"""
import runpy, signal
names = runpy.run_path({str(path)!r})
train = names["train"]
def interrupted(*parts):
    for epoch in train(*parts):
        yield epoch
        signal.raise_signal(signal.SIGINT)
names["main"].__globals__["train"] = interrupted
names["main"]()
"""
    done = subprocess.run(
        [sys.executable, "-c", interrupt], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "interrupted" in done.stdout
    assert "test loss" in done.stdout
    with np.load(path.with_suffix(".weights.npz")) as saved:
        assert set(saved) == {*model.parameters, *model.state, "network"}
