"""Tokens and positions: what a network of them may be, and what is said where it may not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
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
            "and the network outputs a row of 3 features for each example",
        ),
        (
            "embedding(2); dense(3)",
            "last",
            "NN304 the network outputs something for each of 4 positions, "
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


SUMS = """
data = addition(digits=2, samples=100, teacher=true, validation=0.1, test=0.1)
network {{
  input question{question}
  input before{before}
  q = embedding(question, 8)
  states = gru(q, 24, output=all)
  embedding(before, 8)
  s = gru(24, output=all)
  cross_attention(s, memory=states)
  dense(classes)
}}
train {{ loss = softmax_cross_entropy; optimizer = adam(lr=0.01) }}
"""


@pytest.mark.parametrize("question", ["", "(5)", "(tokens=classes)", "(5, tokens=13)"])
def test_what_an_input_leaves_out_is_that_of_its_part(question: str) -> None:
    assert nndsl.check("sums.nn", text=SUMS.format(question=question, before="")) == []


def test_an_input_of_other_tokens_is_told_the_line_that_fits() -> None:
    page = SUMS.format(question="(5, tokens=12, padding=0)", before="(5, tokens=13)")
    assert [(d.message, d.help) for d in nndsl.check("sums.nn", text=page)] == [
        (
            "`input` says 5 tokens of 12 kinds, "
            "and the data has 5 tokens of 13 kinds in each example of `question`",
            "write `input question(5, tokens=13, padding=0)`",
        ),
        (
            "`input` says 5 tokens of 13 kinds, "
            "and the data has 3 tokens of 13 kinds in each example of `before`",
            "write `input before(3, tokens=13)`",
        ),
    ]


def test_kinds_alone_make_no_shape() -> None:
    page = "network { input(tokens=5); embedding(3); gru(4) }"
    (found,) = nndsl.check("net.nn", text=page)
    assert (found.code, found.help) == (
        "NN302",
        "say how many tokens an example has, too: input(LENGTH, tokens=KINDS)",
    )


MIXED = """
data = npz("mixed.npz", x=["numbers", "words"], t="size")
network {{
  input numbers(5)
  input {words}
  n = dense(numbers, 16)
  embedding(words, 8)
  w = gru(16)
  concat(n, w)
  dense(1)
}}
train {{ loss = mean_squared_error; optimizer = adam(lr=0.01) }}
"""


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    words = np.tile(np.arange(12), (20, 1))[:, 6:]
    size = np.zeros(20, "f4")
    np.savez(tmp_path / "mixed.npz", numbers=np.ones((20, 5), "f4"), words=words, size=size)
    return tmp_path / "mixed.nn"


def test_whole_numbers_become_tokens_by_the_line_that_is_said(mixed: Path) -> None:
    mixed.write_text(MIXED.format(words="words"), "utf-8")
    (found,) = (d for d in nndsl.check(mixed) if d.severity.value == "error")
    assert (found.code, found.help) == ("NN301", "write `input words(6, tokens=12)`")


def test_features_beside_tokens_are_no_positions(mixed: Path) -> None:
    mixed.write_text(MIXED.format(words="words(6, tokens=12)"), "utf-8")
    script = nndsl.build(mixed)
    assert "T = 6 " in script
    assert "numbers (N, 5)" in script


def test_another_value_of_a_recurrent_layer_goes_by_name() -> None:
    page = """network {
      input q(4, tokens=5); input p(4, tokens=5)
      a = embedding(q, 3); b = embedding(p, 3)
      gru(a, b, 4)
    }"""
    (found,) = nndsl.check("net.nn", text=page)
    assert (found.code, found.help) == ("NN317", "others go by name: `state=`")
