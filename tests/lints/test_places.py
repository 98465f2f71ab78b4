"""A lint points at the very argument that is wrong, wherever that was written."""

from __future__ import annotations

import pytest

import nndsl
from nndsl.lints.rule import example

BOOK = example("repeat(4) { dense(100, init=normal(std=0.01)); relu }; dense(10)")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (example("dense(10)", optimizer="adam(lr=0.5)"), "0.5"),
        (example("dense(10)", optimizer="adam(0.5)"), "0.5"),
        ("let rate = 0.5\n" + example("dense(10)", optimizer="adam(lr=rate)"), "rate"),
        ("let way = adam(lr=0.5)\n" + example("dense(10)", optimizer="way"), "0.5"),
        (example("dense(10)", optimizer="adam(lr=cosine(1.0))"), "cosine(1.0)"),
        (example("dense(9, bias=true); batch_norm; relu; dense(10)"), "true"),
        (example("dense(9); batch_norm; relu; dense(10)"), "dense"),
        (example("dense(50); relu; dropout(rate=0.9); dense(10)"), "0.9"),
        (example("dense(10)", "epochs = 3", "stop = early"), "early"),
        (BOOK, "normal(std=0.01)"),
    ],
)
def test_the_place_is_that_of_the_argument(text: str, place: str) -> None:
    (found,) = nndsl.check("place.nn", text=text)
    assert found.span.text == place


def test_a_finding_inside_a_block_shows_its_use() -> None:
    text = "block hidden(n) { dense(n); batch_norm; relu }\n" + example("hidden(20); dense(10)")
    (found,) = nndsl.check("block.nn", text=text)
    assert found.span.text == "dense"
    assert [label.span.text for label in found.labels][-1] == "hidden(20)"


def test_the_textbooks_network_is_told_the_spread_of_every_layer() -> None:
    text = BOOK.replace("digits(validation=0.1, test=0.2)", "mnist(validation=0.1)")
    (found,) = nndsl.check(
        "book.nn", text=text.replace("dense(10)", "dense(10, init=normal(std=0.01))")
    )
    assert "0.055, 0.0039, 0.00027, 1.9e-05" in found.message
    assert found.help == "`init=he` keeps the signal at one size: 0.28, 0.28, 0.28, 0.28"


def test_the_json_form_is_linted_alike() -> None:
    document = """{
      "data": {"kind": "digits"},
      "network": [{"kind": "dense", "units": 9}, {"kind": "batch_norm"}, {"kind": "relu"},
                  {"kind": "dropout", "rate": 0.9}, {"kind": "dense", "units": 10}],
      "train": {"loss": "softmax_cross_entropy", "optimizer": {"kind": "adam", "lr": 0.5}}
    }"""
    found = nndsl.check("net.json", text=document)
    assert {(d.code, d.span.text) for d in found} == {
        ("NN431", "dense"),
        ("NN434", "0.9"),
        ("NN442", "0.5"),
    }


EXTREMES = ["0", "1e-300", "1e-20", "1e20", "1e154", "1e300"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "activation", ["relu", "tanh", "gelu", "elu", "softplus", "silu", "dropout(0.3)"]
)
@pytest.mark.parametrize("std", EXTREMES)
def test_no_number_is_too_extreme(std: str, activation: str) -> None:
    for mean in ("0", "1", "-1e300"):
        layer = f"dense(20, init=normal(std={std}, mean={mean}), bias_init=normal(std={std}))"
        nndsl.check(
            "x.nn", text=example(f"{layer}; {activation}; {layer}; {activation}; dense(10)")
        )
