"""Tokens and positions: what a network of them may be, and what is said where it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

import nndsl

DATA = 'data = text("fable.txt", window=4{})\n'
TRAIN = "train { loss = softmax_cross_entropy; optimizer = adam }\n"


@pytest.fixture
def fable(tmp_path: Path) -> Path:
    (tmp_path / "fable.txt").write_text("abcabcabcabcabc", "utf-8")
    return tmp_path


def errors(folder: Path, network: str, *, targets: str = "all") -> list[str]:
    spec = folder / "net.nn"
    data = DATA.format(f", targets={targets}")
    spec.write_text(f"{data}network {{ {network} }}\n{TRAIN}", "utf-8")
    return [f"{d.code} {d.message}" for d in nndsl.check(spec) if d.severity.value == "error"]


@pytest.mark.parametrize(
    ("network", "targets"),
    [
        ("embedding(2); dense(3)", "all"),
        ("input(4); embedding(2); dense(3)", "all"),
        ("input(4, tokens=3); embedding(2); dense(3)", "all"),
        ("embedding(2); rnn(5); dense(3)", "last"),
        ("embedding(2); residual { dense(2); tanh }; flatten; dense(3)", "last"),
    ],
)
def test_networks_that_fit(network: str, targets: str, fable: Path) -> None:
    assert errors(fable, network, targets=targets) == []


@pytest.mark.parametrize(
    ("network", "targets", "error"),
    [
        (
            "input(4, tokens=5); embedding(2); dense(3)",
            "all",
            "NN303 `input` says 4 tokens of 5 kinds, "
            "and the data has 4 tokens of 3 kinds in each example",
        ),
        (
            "dense(3)",
            "last",
            "NN301 `dense` takes quantities, and here come the numbers of tokens",
        ),
        (
            "embedding(2); rnn(5); dense(3)",
            "all",
            "NN304 the data has a target for each position, "
            "and the network puts out a row of 3 features for each example",
        ),
        (
            "embedding(2); dense(3)",
            "last",
            "NN304 the network puts out something for each of 4 positions, "
            "and the data has one target for each example",
        ),
        (
            "embedding(4); self_attention(heads=3); dense(3)",
            "all",
            "NN301 `self_attention` has 3 heads, which do not divide the 4 features of a position",
        ),
        ("embedding(2); lstm(3); gru(3); dense(3)", "last", "NN301 `gru` takes a row of features"),
        (
            "embedding(2); embedding(2); dense(3)",
            "all",
            "NN301 `embedding` takes the numbers of tokens, and gets quantities: 4 positions",
        ),
    ],
)
def test_networks_that_do_not(network: str, targets: str, error: str, fable: Path) -> None:
    (found,) = errors(fable, network, targets=targets)
    assert found.startswith(error)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [([[0, 1, 2, 3]], "whole numbers from 0 to 2"), ([[0.0, 1.0, 2.0, 0.0]], "whole numbers")],
)
def test_a_model_takes_tokens_alone(tokens: list[list[float]], message: str, fable: Path) -> None:
    assert errors(fable, "embedding(2); dense(3)") == []
    model = nndsl.load(fable / "net.nn")
    assert model.predict([[0, 1, 2, 0]]).shape == (1, 4, 3)
    with pytest.raises(nndsl.ModelError, match=message):
        model.predict(tokens)


def test_weights_of_tokens_say_what_differs(fable: Path) -> None:
    assert errors(fable, "embedding(2); rnn(3); dense(3)", targets="last") == []
    nndsl.load(fable / "net.nn").save(fable / "w.npz")
    assert errors(fable, "embedding(2); lstm(3); dense(3)", targets="last") == []
    with pytest.raises(nndsl.ModelError) as caught:
        nndsl.load(fable / "net.nn").restore(fable / "w.npz")
    assert "`lstm(3)` at line 2 is `rnn(3)` in the weights' spec" in (caught.value.help or "")
