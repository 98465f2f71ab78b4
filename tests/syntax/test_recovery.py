"""All syntax errors of a text in one run, each once, and the tree of the rest."""

from __future__ import annotations

import pytest

from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.syntax.ast import Call, Declaration, Hole, Setting, Tree
from nndsl.syntax.parser import parse

TOP = frozenset({"network", "train", "let"})
FIVE_MISTAKES = """\
let width = = 100

network {
  dense(width
  relu
  residual {
    dense(100 init=he)
  }
  dense 10
}

train {
  loss = softmax_cross_entropy
  batch = 0x10
  epochs = 30
}
"""


def read(text: str) -> tuple[Tree, list[str]]:
    diagnostics = Diagnostics()
    tree = parse(Source("spec.nn", text), diagnostics, TOP)
    return tree, [f"{d.span.line}:{d.span.column} {d.code}" for d in diagnostics.diagnostics]


def test_five_mistakes_are_five_errors_and_the_rest_is_read() -> None:
    tree, errors = read(FIVE_MISTAKES)
    assert errors == ["1:13 NN101", "4:8 NN102", "7:15 NN101", "9:9 NN101", "14:11 NN104"]
    let, network, train = tree.statements
    assert isinstance(let, Declaration)
    assert isinstance(let.value, Hole)
    assert isinstance(network, Call)
    assert network.body is not None
    names = [node.name.text for node in network.body.statements]
    assert names == ["dense", "relu", "residual", "dense"]
    assert isinstance(train, Call)
    assert train.body is not None
    loss, batch, epochs = train.body.statements
    assert isinstance(batch, Setting)
    assert isinstance(batch.value, Hole)
    assert [node.span.text for node in (loss, epochs)] == [
        "loss = softmax_cross_entropy",
        "epochs = 30",
    ]


NETWORK = "network {\n  dense(2)\n  residual {\n    relu\n  }\n  tanh\n}\ntrain {\n  batch = 1\n}\n"


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("  }\n", "", "3:12 NN102"),  # missing: the brace that was opened
        ("tanh\n}\n", "tanh\n", "1:9 NN102"),
        ("batch = 1\n}\n", "batch = 1\n", "8:7 NN102"),
        ("residual {", "residual", "3:11 NN102"),  # missing: where it belongs
        ("network {", "network", "1:8 NN102"),
        ("  dense(2)\n", "  dense(2) }\n", "2:12 NN102"),  # too many
        ("  tanh\n", "  }\n  tanh\n", "6:3 NN102"),
        ("dense(2)", "dense(2) {", "2:12 NN102"),
        ("dense(2)", "dense({2)", "2:9 NN101"),
        ("network {", "network { {", "1:11 NN101"),
        ("network {", "network } {", "1:9 NN102"),
        ("network {", "network (3 {", "1:9 NN102"),  # broken heads of bodies
        ("network {", "network 3 {", "1:9 NN101"),
        ("network {", "network = {", "1:11 NN101"),
        ("network {", "network\n{", "2:1 NN101"),
        ("}\ntrain", "} train", "7:3 NN101"),
    ],
)
def test_braces(old: str, new: str, error: str) -> None:
    assert old in NETWORK
    tree, errors = read(NETWORK.replace(old, new, 1))
    assert errors == [error]
    assert [node.name.text for node in tree.statements] == ["network", "train"]
    layers, settings = (node.body for node in tree.statements if isinstance(node, Call))
    assert layers is not None
    assert settings is not None
    assert [node.name.text for node in layers.statements] == ["dense", "residual", "tanh"]
    assert [node.name.text for node in settings.statements] == ["batch"]


def test_in_a_text_without_indentation_the_words_of_the_top_close_a_body() -> None:
    text = "network {\ndense(2)\nresidual {\nrelu\n}\ntrain {\nbatch = 1\n}\n"
    tree, errors = read(text)
    assert errors == ["1:9 NN102"]
    assert [node.name.text for node in tree.statements] == ["network", "train"]


def test_a_missing_brace_says_where_it_was_expected() -> None:
    diagnostics = Diagnostics()
    parse(Source("spec.nn", "network {\n  relu\n\ntrain {\n}\n"), diagnostics)
    [label] = diagnostics.diagnostics[0].labels
    assert (label.span.line, label.span.column, label.message) == (2, 7, "expected `}` here")


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("x = f(1,\n  b\ny = 2\nz = = 3", ["1:6 NN102", "4:5 NN101"]),
        ("x = f(1,\ny = 2\nz = 3", ["1:6 NN102"]),
        ("x = f(\n  1 2,\n  3\n)\ny = = 2", ["2:5 NN101", "5:5 NN101"]),
        ('x = csv(\n"a" b,\nc\n)', ["2:5 NN101"]),
        ("a { f(1; g }\nb = = 1", ["1:6 NN102", "2:5 NN101"]),
        ("f(1; 2)\nb = = 1", ["1:4 NN101", "2:5 NN101"]),
        ("x = 'abc'", ["1:5 NN105"]),
        ('x = f("abc, 1)\ny = 2', ["1:7 NN103"]),
        ("x = f(1e, 0x1)", ["1:7 NN104", "1:11 NN104"]),
        ("a = 1 b = 2\nc = = 3", ["1:7 NN101", "2:5 NN101"]),
        ("let x\n= 3", ["2:1 NN101"]),
        (") ) x = 1", ["1:1 NN102"]),
    ],
)
def test_where_a_broken_statement_ends(text: str, errors: list[str]) -> None:
    assert read(text)[1] == errors


def test_after_a_hundred_errors_the_rest_is_not_read() -> None:
    diagnostics = Diagnostics()
    tree = parse(Source("spec.nn", "= 1\n" * 1000), diagnostics)
    assert len(diagnostics.diagnostics) == 100
    assert diagnostics.diagnostics[-1].help == "after 100 errors the rest of the text is not read"
    assert not tree.statements
