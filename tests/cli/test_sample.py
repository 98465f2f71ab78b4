"""`nndsl sample`, and the same in the script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import Cli

import nndsl
from nndsl.vocabulary.data.addition import Addition
from nndsl.vocabulary.data.text import Text

SPEC = """data = text("fable.txt", window=6, targets={targets}, validation=2)
network {{ embedding(3); rnn(8, output={targets}); dense(5) }}
train {{ loss = softmax_cross_entropy; optimizer = adam(lr=0.05); epochs = 20; batch = 4 }}
"""


@pytest.fixture(params=["all", "last"])
def targets(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Say which positions of a window have a target; the spec and the weights of it lie there."""
    monkeypatch.chdir(tmp_path)
    Path("fable.txt").write_text("abc da bcd acb. ".replace(".", "d") * 20, "utf-8")
    Path("net.nn").write_text(SPEC.format(targets=request.param), "utf-8")
    model = nndsl.load("net.nn")
    model.fit()
    model.save("net.npz")
    return str(request.param)


@pytest.mark.slow
def test_the_script_does_the_same(targets: str, cli: Cli, tmp_path: Path) -> None:
    assert cli("build", "net.nn", "-o", "train.py").code == 0
    printed = subprocess.run(
        [sys.executable, "train.py"], capture_output=True, text=True, check=True, cwd=tmp_path
    ).stdout
    sampled = cli("sample", "net.nn", "--weights", "train.weights.npz").out
    assert len(sampled) == len("abc") + 200 + len("\n")
    assert printed.endswith(f"\n{sampled}")
    warm = ("sample", "net.nn", "--weights", "net.npz", "--temperature", "3", "--seed")
    assert cli(*warm, "1").out == cli(*warm, "1").out != cli(*warm, "2").out


def test_without_temperature_the_likeliest_comes_next(targets: str, cli: Cli) -> None:
    given = ("--prompt", "da bcd acb", "--length", "9", "--temperature", "0")
    sampled = cli("sample", "net.nn", "--weights", "net.npz", *given).out
    model = nndsl.load("net.nn")
    model.restore("net.npz")
    text = "da bcd acb"
    for _ in range(9):
        seen = text[-6:] if targets == "last" else text[-3:]  # a whole window, or half of one
        filled = [" abcd".index(c) for c in seen] + [0] * (6 - len(seen))
        scores = model.predict([filled])[0]
        next = " abcd"[(scores[len(seen) - 1] if targets == "all" else scores).argmax()]
        text += next
    assert sampled == f"{text}\n"


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_draws_are_as_frequent_as_softmax_says(targets: str, temperature: float) -> None:
    model = nndsl.load("net.nn")
    rng = np.random.default_rng(0)
    for array in model.parameters.values():
        array[...] = rng.standard_normal(array.shape) / 2
    window = [[" abcd".index(c) for c in ("abc da" if targets == "last" else " da   ")]]
    scores = model.predict(window)[0].reshape(-1, 5)[-1 if targets == "last" else 2] / temperature
    likely = np.exp(scores) / np.exp(scores).sum()
    drawn = "".join(model.sample("abc da", 1, temperature, seed)[-1] for seed in range(2000))
    found = np.array([drawn.count(c) for c in " abcd"]) / 2000
    assert np.abs(found - likely).max() < 4 * np.sqrt(0.25 / 2000)


def test_a_short_prompt_is_seen_alone() -> None:
    text = """network { input(6, tokens=5); embedding(3); rnn(8, output=all); dense(5) }"""
    model = nndsl.load("net.nn", text=text)
    seen = model.predict([[1, 2, 0, 0, 0, 0], [1, 2, 4, 4, 4, 4]])
    assert np.array_equal(seen[0, :2], seen[1, :2])  # what fills the window up changes nothing


@pytest.mark.parametrize("window", [1, 2, 5, 6])
def test_a_window_is_never_too_small(window: int, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("abc abd " * 20, "utf-8")
    (tmp_path / "net.nn").write_text(
        f'data = text("text.txt", window={window})\nnetwork {{ embedding(3); dense(5) }}\n'
        "train { loss = softmax_cross_entropy; optimizer = adam }\n"
    )
    model = nndsl.load(tmp_path / "net.nn")
    for begun in range(1, 14):
        assert len(model.sample("abcd abd abcd"[:begun], 9)) == begun + 9


@pytest.mark.slow
def test_what_is_wrong_is_said(targets: str, cli: Cli) -> None:
    def said(*given: str, spec: str = "net.nn") -> str:
        result = cli("sample", spec, "--weights", "net.npz", *given)
        assert result.code == 2
        assert not result.out
        return result.err

    assert "knows no 'xé': its text has no such character" in said("--prompt", "axéx")
    assert "it knows ' abcd'" in said("--prompt", "axéx")
    assert "give a prompt of one character or more" in said("--prompt", "")
    for temperature in ("-0.5", "nan", "inf"):
        assert "0 takes the likeliest" in said("--temperature", temperature)
    assert "`warm` is not a number" in said("--temperature", "warm")
    assert "`0` is not a number from 1 to 999_999_999" in said("--length", "0")
    assert "`-1` is not a number from 0 on" in said("--seed=-1")
    assert "does not exist" in cli("sample", "net.nn", "--weights", "none.npz").err


def test_weights_of_another_network_or_text(targets: str, cli: Cli) -> None:
    spec = Path("net.nn").read_text("utf-8")
    Path("other.nn").write_text(spec.replace("rnn", "gru"), "utf-8")
    result = cli("sample", "other.nn", "--weights", "net.npz")
    assert (result.code, "at line 2 is `rnn(8" in result.err) == (2, True)
    Path("fable.txt").write_text("xbc dx bcd xcb. ".replace(".", "d") * 20, "utf-8")
    result = cli("sample", "net.nn", "--weights", "net.npz")
    assert "the text has the characters ' bcdx', and ' abcd' in the weights' spec" in result.err


def test_networks_that_predict_no_text(spec: Path, cli: Cli) -> None:
    nndsl.load(spec).save("net.npz")
    result = cli("sample", spec, "--weights", "net.npz")
    assert result.code == 2
    assert "does not go on with a text: it learns from `spiral`" in result.err
    assert "data such as `addition` or `text`" in result.err


def test_losses_that_say_nothing_of_likelihood(targets: str, cli: Cli) -> None:
    text = SPEC.format(targets=targets).replace("softmax_cross_entropy", "mean_squared_error")
    Path("net.nn").write_text(text, "utf-8")
    nndsl.load("net.nn").save("net.npz")
    result = cli("sample", "net.nn", "--weights", "net.npz")
    assert "with `mean_squared_error` the network does not say how likely" in result.err
    assert "train it with `softmax_cross_entropy`" in result.err


def test_weights_that_diverged(targets: str, cli: Cli) -> None:
    model = nndsl.load("net.nn")
    model.parameters["W1"][...] = np.nan
    model.save("net.npz")
    result = cli("sample", "net.nn", "--weights", "net.npz")
    assert "training diverged" in result.err


def test_the_help_says_the_temperatures_of_the_data(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Text, "temperature", 0.7)
    said = " ".join(cli("sample", "--help").out.split())
    assert f"left out, {Addition.temperature:g} (addition), 0.7 (text)" in said
