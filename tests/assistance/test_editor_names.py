"""Every name of a page leads to its definition, and a definition to all that names it."""

from __future__ import annotations

from collections import defaultdict

import pytest

import nndsl
from nndsl.assistance.hover import hover
from nndsl.assistance.names import mentions, references, why_not_renamed
from nndsl.assistance.page import Page
from nndsl.assistance.place import place_at
from nndsl.source import Source
from nndsl.vocabulary.formula_functions import EVERY

PAGE = """\
let width = 20
let rate  = 0.01
let act   = relu

block tower(n, drop=0.1) {
  input x
  y = dense(x, n)
  act
  dropout(drop)
  add(y)
}

layer swish(beta=1) {
  gate = sigmoid(beta * x)
  y    = x * gate
}

data = digits(validation=0.1, test=0.2)

network {
  input(64)
  swish(beta=2)
  a = tower(width)
  dense(a, width)
  b = residual { dense(width); act }
  abs(a - b)
  dense(classes)
}

train {
  loss      = softmax_cross_entropy
  optimizer = sgd(lr=rate)
}

search {
  rate  = log_uniform(1e-4, 1)
  width = choice(10, 20)
}

compare {
  variant slow { rate = 0.001; act = tanh; epochs = 3 }
}
"""


def test_names_lead_to_their_definitions() -> None:
    page = Page(Source("page.nn", PAGE))
    found: dict[str, list[int]] = defaultdict(list)
    for one in mentions(page):
        if one.definition is not None and not one.is_definition:
            found[f"{one.definition.line} {one.definition.text}"].append(one.span.line)
    assert found == {
        "1 width": [23, 24, 25, 37],
        "2 rate": [32, 36, 41],
        "3 act": [8, 25, 41],
        "5 tower": [23],
        "5 n": [7],
        "5 drop": [9],
        "6 x": [7],
        "7 y": [10],
        "13 swish": [22],
        "13 beta": [14, 22],
        "14 gate": [15],
        "23 a": [24, 26],
        "25 b": [26],
    }


@pytest.mark.slow
def test_every_name_can_be_changed_but_the_result_of_a_formula() -> None:
    page = Page(Source("page.nn", PAGE))
    assert page.errors == []
    whole, broken = [], []
    for one in mentions(page):
        if one.is_definition and not why_not_renamed(page, one):
            text = PAGE
            for place in reversed(references(page, one.span.start)):
                text = text[: place.span.start] + "other" + text[place.span.end :]
            after = Page(Source("page.nn", text))
            (broken if after.errors else whole).append(one.span.text)
    assert whole == "width rate act tower n drop x y swish beta gate a b".split()
    assert broken == ["y"]


@pytest.mark.parametrize(("name", "why"), [("dense(x", "only names"), ("lr", "only names")])
def test_words_of_the_language_keep_their_names(name: str, why: str) -> None:
    page = Page(Source("page.nn", PAGE))
    here = next(one for one in mentions(page) if one.span.start == PAGE.index(name))
    assert why in why_not_renamed(page, here)


def test_an_output_is_named_by_its_loss() -> None:
    text = PAGE.replace("  dense(classes)", "  output digit = dense(classes)")
    page = Page(Source("page.nn", text.replace("  loss      =", "  loss digit =")))
    at = page.source.text.index("digit = dense")
    assert [one.span.line for one in references(page, at)] == [27, 31]


def test_the_shape_of_a_value_is_shown_wherever_it_is_named() -> None:
    page = Page(Source("page.nn", PAGE))
    found = hover(page, PAGE.index("(a, width)") + 1)
    assert found is not None
    assert "a = tower(width)" in found[1]
    assert "**64 → 20**" in found[1]


def test_a_mistake_is_explained_where_it_stands() -> None:
    text = PAGE.replace("swish(beta=2)", "swihs(beta=2)")
    found = hover(Page(Source("page.nn", text)), text.index("swihs"))
    assert found is not None
    assert "**NN201**: unknown name" in found[1]
    assert "```nn\nnetwork {" in found[1]


FORMULAS_OF_A_PAGE = """\
layer gate() {
  W = parameter(features, 4, he)
  z = relu(x @ W) + sum(softmax(2 * relu(x)))
  y = z @ transpose(W)
}

network {
  input(8)
  a = gate
  b = relu(a)
  c = relu(a) * 2
  softmax(b + c)
}
"""


@pytest.mark.parametrize(
    ("at", "is_function"),
    [
        ("relu(x @", True),
        ("softmax(2", True),
        ("relu(x))", True),
        ("transpose(W", True),
        ("relu(a)\n", False),
        ("relu(a) *", True),
        ("softmax(b", True),
    ],
)
def test_a_function_of_a_formula_is_no_layer(at: str, is_function: bool) -> None:
    text = FORMULAS_OF_A_PAGE
    assert nndsl.check("page.nn", text=text) == []
    page, offset = Page(Source("page.nn", text)), text.index(at)
    found = hover(page, offset)
    assert found is not None
    name = at.partition("(")[0]
    said = EVERY[name].says
    assert bool(said) is True
    assert (said in found[1]) is is_function
    assert ("*a layer*" in found[1]) is not is_function
    assert (place_at(page, offset + len(name) + 1).call is None) is (is_function and offset < 150)


def test_every_function_is_explained() -> None:
    assert all(one.says for one in EVERY.values())
