"""The JSON form of generated specs keeps their meaning, and no generated JSON is a crash."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from json_texts import meaning, read, to_json, write
from thoroughness import examples

from nndsl.analysis.compile import analyse
from nndsl.analysis.json_form import tree_to_json
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.syntax.printer import print_tree

NAMES = ("a", "b", "width", "kind", "layers", "n")
NUMBERS = st.sampled_from(("1", "2", "3", "0.5", "1e-4", "100_000", "-2", "+3", "-0.25"))
TEXTS = st.text(max_size=4).filter(lambda t: t.isprintable())
STRINGS = (TEXTS | st.sampled_from(("he", "=n", "=", "same", "x"))).map(write)
ATOMS = st.one_of(
    NUMBERS,
    STRINGS,
    st.sampled_from((*NAMES, "true", "same", "he", "xavier", "relu", "float64", "he()", "l2(0.1)")),
    st.sampled_from(("constant(1)", "momentum(0.1)", "sgd(lr=0.1)", "step", "every(2)")),
)


def combined(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(values, st.sampled_from("+-*/%"), values).map(" ".join),
        values.map("({})".format),
        values.map("-{}".format),
        values.map("sqrt({})".format),
        st.lists(values, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(values, values).map(lambda items: f"({', '.join(items)})"),
    )


VALUES = st.recursive(ATOMS, combined, max_leaves=4)
FIELDS = st.sampled_from(("units", "init", "bias", "rate", "shape", "n", "kind", "layers"))
ARGUMENTS = st.lists(
    st.one_of(VALUES, NUMBERS, st.tuples(FIELDS, VALUES).map("=".join)), max_size=2
).map(", ".join)
CALLS = st.one_of(
    NUMBERS.map("dense({})".format),
    st.tuples(st.sampled_from(("dense", "dropout", "input", "relu", "b", "desne")), ARGUMENTS).map(
        lambda call: f"{call[0]}({call[1]})"
    ),
    st.sampled_from(("relu", "b", "b(3)", "dropout(0.5)", "flatten")),
)


def bodies(layers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    heads = st.sampled_from(("residual", "repeat(2)", "repeat(n)", "concat", "branch", "relu"))
    return st.tuples(heads, st.lists(layers, max_size=3)).map(
        lambda parts: f"{parts[0]} {{ {'; '.join(parts[1])} }}"
    )


LAYERS = st.lists(st.recursive(CALLS, bodies, max_leaves=4), min_size=1, max_size=4).map("; ".join)
SETTINGS = st.dictionaries(
    st.sampled_from(("loss", "optimizer", "batch", "metrics", "regularize", "dtype", "lr")),
    VALUES
    | st.sampled_from(("softmax_cross_entropy", "adam", "sgd(lr=0.1)", "[accuracy]", "l2(0.1)")),
    max_size=3,
).map(lambda found: "; ".join(f"{name} = {value}" for name, value in found.items()))
STATEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "a": VALUES.map("let a = {}".format),
        "n": (VALUES | NUMBERS).map("let n = {}".format),
        "b": LAYERS.map("block b(kind, n=2) {{ {} }}".format),
        "data": VALUES.map("data = digits(test={})".format),
        "network": LAYERS.map("network {{ input(4); {} }}".format),
        "train": SETTINGS.map("train {{ {} }}".format),
        "compare": SETTINGS.map("compare {{ variant v {{ {} }}; variant w {{}} }}".format),
        "search": st.tuples(VALUES, VALUES).map(
            lambda v: f"search(trials=2) {{ a = choice({v[0]}, {v[1]}); n = integer(1, {v[1]}) }}"
        ),
        "expect": VALUES.map("expect {{ parameters < {} }}".format),
        "minimize": VALUES.map("minimize {{ f = {} * a; start(a=1); optimizer = adam }}".format),
    },
)


@pytest.mark.slow
@settings(max_examples=examples(80))
@given(STATEMENTS)
def test_json_keeps_the_meaning(statements: dict[str, str]) -> None:
    text = "\n".join(statements.values())
    tree = read(text)
    diagnostics = Diagnostics()
    document = tree_to_json(tree, diagnostics)
    assume(not diagnostics.failed)
    again = read(write(document), "spec.json")
    assert to_json(again) == document
    printed = print_tree(again)
    assert to_json(read(printed)) == document
    assert meaning(write(document), "spec.json") == meaning(text, "spec.nn")
    assert meaning(printed, "spec.nn") == meaning(text, "spec.nn")


KEYS = st.sampled_from(
    ("model", "let", "blocks", "data", "network", "train", "compare", "search", "record", "expect",
     "minimize", "kind", "layers", "parameters", "name", "default", "variants", "ranges", "start",
     "f", "operator", "value", "units", "n", "optimizer", "values", "true", "", "two words")
)  # fmt: skip
WORDS = st.sampled_from(
    ("dense", "relu", "repeat", "digits", "adam", "choice", "he", "b", "<=", "=1 +", "=n", "=[1]")
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-2, 9), st.floats(), KEYS, WORDS)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
WHOLE = {
    "let": {"n": 3},
    "data": {"kind": "digits", "validation": 0.1},
    "blocks": {"b": {"parameters": ["n", {"name": "m", "default": 2}], "layers": ["relu"]}},
    "network": [{"kind": "repeat", "times": 2, "layers": [{"kind": "b", "n": 1}]}],
    "train": {"optimizer": {"kind": "adam", "lr": "=1 / n"}, "loss": "mean_squared_error"},
    "compare": {"variants": {"v": {"n": 3}}},
    "search": {"ranges": {"n": {"kind": "choice", "values": [1, "=2"]}}},
    "record": [{"kind": "weights"}],
    "expect": [{"name": "parameters", "operator": "<=", "value": 1000}],
    "minimize": {"f": "=x**2", "start": {"x": 1}, "optimizer": {"kind": "sgd"}},
}


@st.composite
def changed_documents(draw: st.DrawFn) -> Any:
    """Return a right document in which one value is another."""
    document = json.loads(write(WHOLE))
    place: Any = document
    while True:
        key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        inner = place[key]
        if isinstance(inner, dict | list) and inner and draw(st.booleans()):
            place = inner
            continue
        place[key] = draw(JSON)
        return document


@settings(max_examples=examples(120))
@given(st.dictionaries(KEYS, JSON, max_size=4) | changed_documents() | JSON)
def test_no_document_is_a_crash(document: object) -> None:
    text = write(document)
    source = Source("spec.json", text)
    diagnostics = Diagnostics()
    tree = analyse(source, diagnostics).tree
    for diagnostic in diagnostics.diagnostics:
        assert diagnostic.span.source is source
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
        assert str(diagnostic)
    if tree is not None:
        printed = read(print_tree(tree))
        assert tree_to_json(printed, Diagnostics()) == tree_to_json(tree, Diagnostics())
