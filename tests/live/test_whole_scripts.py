"""No false alarm: pages of all words around a network, at random, are held to by their scripts."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from execution import variants, words
from spec_strategy import write

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.live.script.check import check_script
from nndsl.source import read_source
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.schedule import Schedule

ROOT = Path(__file__).parents[2]
DATA = {  # text of the data, and the units and losses that fit it
    "spiral(classes=3, samples=97, test=0.2": (3, "classes"),
    "moons(samples=83, validation=11": (1, "column"),
    "digits(test=0.21, training=300": (10, "one_hot"),
    "sine(samples=60, validation=0.2, test=7": (1, "values"),
    "blobs(classes=3, samples=64": (3, "classes"),
    'csv("pendulum.csv", target="period_s", standardize=true, test=0.15': (1, "values"),
}
LOSSES = {
    "classes": ("softmax_cross_entropy",),
    "column": ("binary_cross_entropy", "mean_squared_error"),
    "one_hot": ("mean_squared_error", "softmax_cross_entropy"),
    "values": ("mean_squared_error", "mean_absolute_error", "huber"),
}


def drawn(role: str, rng: random.Random) -> Builtin:
    """Draw a word of a role, with some of its arguments."""
    found: Builtin = rng.choice(list(variants(rng.choice(words(role)))))
    return found


def page(rng: random.Random) -> str:
    """Write a page at random."""
    data, (units, kind) = rng.choice(list(DATA.items()))
    watched = "validation_loss" if "validation" in data else "training_loss"
    optimizer = drawn("optimizers", rng)
    rate = rng.choice([0.01, drawn("schedules", rng)])
    if isinstance(rate, Schedule) and rate.watches:
        rate = rate.model_copy(update={"metric": watched})
    optimizer = optimizer.model_copy(update={"lr": rate})
    lines = [
        f"data = {data})",
        "network { dense(4); batch_norm; tanh; dropout(0.3); " + f"dense({units}) }}",
        "train {",
        f"  loss = {rng.choice(LOSSES[kind])}",
        f"  optimizer = {write(optimizer)}",
        f"  batch = {rng.choice([1, 7, 32, 500])}",
        rng.choice(["", "  epochs = 3", "  epochs = 71", "  steps = 50", "  steps = 3000"]),
        f"  seed = {rng.randrange(3)}",
    ]
    for name, role in (("regularize", "regularizers"), ("clip", "clips"), ("report", "reports")):
        if rng.random() < 0.5:
            lines.append(f"  {name} = {write(drawn(role, rng))}")
    if rng.random() < 0.5:
        lines.append(
            f"  stop = early(patience={rng.randint(1, 6)}, metric={watched}, min_delta=0.1)"
        )
    return "\n".join([*lines, "}"]) + "\n"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(120))
def test_no_false_alarm(seed: int, tmp_path: Path) -> None:
    (tmp_path / "pendulum.csv").write_bytes((ROOT / "specs/data/pendulum.csv").read_bytes())
    (tmp_path / "net.nn").write_text(text := page(random.Random(seed)))
    found = check_script(nndsl.load(tmp_path / "net.nn"))
    assert [held for held in found if held.wrong] == [], text


SPECS = sorted([*(ROOT / "specs").glob("*.nn"), *(ROOT / "specs" / "book").glob("*.nn")])


@pytest.mark.slow
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_no_false_alarm_on_the_specs(path: Path) -> None:
    source = read_source(path)
    checked = analyse(source, Diagnostics(), {})
    if checked.graph is None or checked.spec is None or checked.spec.train is None:
        return  # a formula, or no training: there is no script to hold to its page
    found = check_script(nndsl.load(path))
    assert [held for held in found if held.wrong] == []


@pytest.mark.parametrize("length", ["epochs = 1", "epochs = 5", "steps = 12"])
def test_the_best_weights_come_back_after_the_last_epoch(length: str, tmp_path: Path) -> None:
    lines = ["train {", "loss = softmax_cross_entropy", "optimizer = sgd", length]
    lines += ["stop = early(patience=4)", "}"]
    data = "data = spiral(classes=3, samples=20, validation=0.2)\n"
    (tmp_path / "net.nn").write_text("\n".join([data, "network { dense(3) }", *lines]))
    model = nndsl.load(tmp_path / "net.nn")
    assert [held for held in check_script(model) if held.wrong] == []
    text = model.source.replace("        params[name][...] = best", "        pass")
    assert text != model.source
    if length == "epochs = 5":  # of which the third is the best
        edited = nndsl.Model(model.checked, replace(model.script, text=text))
        (held,) = (held for held in check_script(edited) if held.wrong)
        assert "as it was in epoch 3, the best" in held.wrong


def test_a_layer_that_draws_in_prediction_too_is_no_false_alarm() -> None:
    noisy = "layer noisy { y = x + normal(0, 0.5) }\n"
    network = "network { input(3); noisy; dense(2) }\n"
    train = "train { loss = mean_squared_error; optimizer = sgd }\n"
    parts = check_script(nndsl.load("noisy.nn", text=noisy + network + train))
    assert [part for part in parts if part.wrong] == []
