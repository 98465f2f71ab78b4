"""What may be written at a place, in pages that are whole, half written and broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from nndsl.assistance.completion import completions
from nndsl.assistance.page import Page
from nndsl.source import Source

SPECS = Path(__file__).parents[2] / "specs"
NETWORK = "network {\n  input(64)\n  "
BLOCK = "let width = 3\nblock hidden(n, rate=0.2) {\n  dense(n)\n}\n"


def offered(marked: str) -> list[str]:
    """Return what is offered at the `|` of a page."""
    offset = marked.index("|")
    source = Source("page.nn", marked.replace("|", ""), SPECS / "page.nn")
    return [one.name for one in completions(Page(source), offset)]


@pytest.mark.parametrize(
    ("marked", "wanted", "unwanted"),
    [
        ("|", "network let import", "dense adam"),
        ("data = digits\n|", "network train", "data"),
        ("data = |", "digits csv", "dense he"),
        (f"{NETWORK}|", "dense relu repeat", "adam he units"),
        (f"{NETWORK}de|\n}}", "dense", "adam"),
        (f"{NETWORK}dense(|", "units init", "adam relu"),
        (f"{NETWORK}dense(10, |)", "init bias", "units"),
        (f"{NETWORK}dense(10, init=|", "he xavier", "relu bias"),
        (f"{NETWORK}dense(10, bias=|", "true false", "he"),
        (f"{NETWORK}residual {{\n    |", "dense relu", "adam"),
        (f"{NETWORK}a = dense(5)\n  relu(|", "a", "adam"),
        (f"{NETWORK}dense(\n\ntrain {{\n  |", "loss optimizer", "dense"),
        (f"{BLOCK}{NETWORK}|", "hidden dense", "rate"),
        (f"{BLOCK}{NETWORK}hidden(2, |", "rate width he", "loss"),
        (f"{BLOCK}{NETWORK}dense(|", "width", "rate"),
        ("block hidden(n) {\n  dense(|", "units", "adam"),
        ("block hidden(n) {\n  dense(n)\n  dropout(|)\n}", "n rate", "adam"),
        ("train {\n  loss = |", "softmax_cross_entropy", "adam dense"),
        ("train {\n  batch = 3\n  |", "loss epochs", "batch dense"),
        ("train {\n  optimizer = adam(|", "lr beta1", "loss"),
        ("train {\n  optimizer = adam(lr=|", "cosine", "adam"),
        ("train {\n  optimizer = adam(lr=cosine(|", "warmup", "lr"),
        ("train {\n  metrics = [|", "accuracy", "adam"),
        ("train {\n  dtype = |", "float32 float64", "adam"),
        ("let a = 1\nsearch {\n  a = |", "choice log_uniform", "dense"),
        ("let a = 1\nsearch {\n  |", "trials a", "dense"),
        ("compare {\n  |", "variant seeds", "dense"),
        ("expect {\n  |", "parameters test_accuracy", "dense"),
        ("record {\n  |", "gradients", "dense"),
        ("layer swish {\n  y = x * |", "sigmoid", "adam"),
        ('data = csv("|', "data/", "csv"),
        ('data = csv("data/|', "digit_features.csv", "csv"),
        ('data = csv("data/pendulum.csv", target="|', "angle_deg", "csv"),
        ('data = csv("data/pendulum.csv", ignore=["|', "angle_deg", "data/"),
        (f"{NETWORK}a = dense(5)\n  dense(a, |", "units init", "adam"),
        ('import "|', "digits.nn data/", "csv"),
        ("# de|", "", "dense"),
        ("let name = |", "true", "network"),
    ],
)
def test_what_is_offered(marked: str, wanted: str, unwanted: str) -> None:
    found = offered(marked)
    assert [name for name in wanted.split() if name not in found] == []
    assert [name for name in unwanted.split() if name in found] == []


def test_words_that_need_arguments_come_with_parentheses() -> None:
    page = Page(Source("page.nn", NETWORK))
    inserts = {one.name: one.inserts for one in completions(page, len(NETWORK))}
    assert inserts["dense"] == "dense($0)"
    assert inserts["relu"] == "relu"
    assert inserts["residual"] == "residual {\n  $0\n}"
    assert inserts["repeat"] == "repeat($1) {\n  $0\n}"
