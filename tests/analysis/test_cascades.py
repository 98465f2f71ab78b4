"""A mistake gives one finding, not one for each that follows from it."""

from __future__ import annotations

import pytest

import nndsl

SPEC = """\
let width = 100
data = digits(validation=0.1)
block hidden(n) {
  dense(n)
  relu
}
network {
  hidden(width)
  hidden(width)
  dense(10)
}
train {
  loss = softmax_cross_entropy
  optimizer = sgd(lr=cosine(0.1))
}
compare {
  variant wide { width = 200 }
  variant fast { optimizer = sgd(lr=1) }
}
"""
MISTAKES = [
    ("let width = 100", "let width = ", "1:12 NN101"),
    ("let width = 100", "let width 100", "1:11 NN101"),
    ("let width = 100", "let = 100", "1:1 NN224"),
    ("let width = 100", "lett width = 100", "1:1 NN220"),
    ("let width = 100", "width = 100", "1:1 NN220"),
    ("let width = 100", "let width", "1:1 NN224"),
    ("let width = 100", "let width\n= 100", "2:1 NN101"),
    ("data = digits", "data digits", "2:1 NN220"),
    ("data = digits", "dat = digits", "2:1 NN220"),
    ("data = digits", "data = = digits", "2:8 NN101"),
    ("block hidden(n) {", "block hidden(n {", "3:13 NN102"),
    ("block hidden(n) {", "hidden(n) {", "3:1 NN220"),
    ("block hidden(n) {", "block (n) {", "3:1 NN224"),
    ("network {", "netwrok {", "7:1 NN220"),
    ("network {", "{", "7:1 NN101"),
    ("train {", "trian {", "12:1 NN220"),
    ("loss = soft", "loss soft", "13:3 NN224"),
    ("loss = soft", "= soft", "13:3 NN101"),
    ("loss = soft", "loss = = soft", "13:10 NN101"),
    ("optimizer = sgd(lr=cos", "optimizer sgd(lr=cos", "14:3 NN224"),
    ("optimizer = sgd(lr=cos", "optimizer = sgd lr=cos", "14:19 NN101"),
]


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES, ids=[new for _, new, _ in MISTAKES])
def test_one_mistake_is_one_finding(old: str, new: str, expected: str) -> None:
    assert nndsl.check("spec.nn", text=SPEC) == []
    assert SPEC.count(old) == 1
    diagnostics = nndsl.check("spec.nn", text=SPEC.replace(old, new))
    assert [f"{f.span.line}:{f.span.column} {f.code}" for f in diagnostics] == [expected]


def test_a_name_in_a_line_that_is_read_is_still_unknown() -> None:
    text = SPEC.replace("let width = 100", "let depth = = 3").replace("dense(n)", "dense(m)")
    diagnostics = nndsl.check("spec.nn", text=text)
    assert [finding.span.text for finding in diagnostics if finding.code == "NN201"][:1] == ["m"]


def test_a_let_that_is_wrong_in_several_places_is_said_once() -> None:
    text = SPEC.replace("sgd(lr=cosine(0.1))", "sgd(lr=rate)").replace(
        "sgd(lr=1) }", "adam(lr=rate) }\n  variant slow { optimizer = sgd(lr=rate) }"
    )
    found = nndsl.check("spec.nn", text=f"let rate = -0.1\n{text}")
    assert [d.code for d in found if d.severity.value == "error"] == ["NN209"]
