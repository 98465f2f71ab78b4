"""The JSON form: what it says, what is read, and that specs keep their meaning in it."""

from __future__ import annotations

from typing import Any

import pytest
from json_texts import SPECS, meaning, read, to_json, write

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.syntax.printer import print_tree


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("model net", {"model": "net"}),
        ("let a = 1e-4; let b = -2", {"let": {"a": 1e-4, "b": -2}}),
        ("let a = b * 2; let b = (1)", {"let": {"a": "=b * 2", "b": 1}}),
        ('let a = "="; let b = "=\\""', {"let": {"a": '="="', "b": '="=\\""'}}),
        ('let a = [1, (b, "x")]; let b = a', {"let": {"a": [1, ["=b", "x"]], "b": "=a"}}),
        ("let a = he; let b = same", {"let": {"a": {"kind": "he"}, "b": "=same"}}),
        ("let a = sqrt(2); let b = true", {"let": {"a": "=sqrt(2)", "b": True}}),
        ("data = digits(test=1 / 5)", {"data": {"kind": "digits", "test": "=1 / 5"}}),
        (
            'data = csv("a.csv", target="b")',
            {"data": {"kind": "csv", "file": "a.csv", "target": "b"}},
        ),
        (
            "network { input(1, 28); dense(5, init=he) }",
            {
                "network": [
                    {"kind": "input", "shape": [1, 28]},
                    {"kind": "dense", "units": 5, "init": {"kind": "he"}},
                ]
            },
        ),
        (
            "network { dropout(0.2, scaling=test); desne(5) }",
            {"network": [{"kind": "dropout", "rate": 0.2, "scaling": "test"}, "=desne(5)"]},
        ),
        (
            "block b(n, on=false) { dense(n, bias=on) }; network { b(5); repeat(2) { b(n=5) } }",
            {
                "blocks": {
                    "b": {
                        "parameters": ["n", {"name": "on", "default": False}],
                        "layers": [{"kind": "dense", "units": "=n", "bias": "=on"}],
                    }
                },
                "network": [
                    {"kind": "b", "n": 5},
                    {"kind": "repeat", "times": 2, "layers": [{"kind": "b", "n": 5}]},
                ],
            },
        ),
        (
            "block b(kind) { b(kind) }; network { b(5) }",
            {
                "blocks": {"b": {"parameters": ["kind"], "layers": ["=b(kind)"]}},
                "network": ["=b(5)"],
            },
        ),
        (
            "let batch = 2; train { dtype = float64; metrics = [accuracy]; batch = batch }",
            {
                "let": {"batch": 2},
                "train": {"dtype": "float64", "metrics": [{"kind": "accuracy"}], "batch": "=batch"},
            },
        ),
        (
            "compare(seeds=3) { variant a { epochs = 2 }; variant b {} }",
            {"compare": {"seeds": 3, "variants": {"a": {"epochs": 2}, "b": {}}}},
        ),
        (
            "search(metric=test_loss) { a = choice(1, relu, (2, 3)); b = choice((1, 2)) }",
            {
                "search": {
                    "metric": "test_loss",
                    "ranges": {
                        "a": {"kind": "choice", "values": [1, {"kind": "relu"}, [2, 3]]},
                        "b": {"kind": "choice", "values": [[1, 2]]},
                    },
                }
            },
        ),
        ("record { weights }", {"record": [{"kind": "weights"}]}),
        ("expect { a <= 1 }", {"expect": [{"name": "a", "operator": "<=", "value": 1}]}),
        (
            "minimize { f = tanh(x) + x; start(x=-7, kind=1); steps = 5 }",
            {"minimize": {"f": "=tanh(x) + x", "start": {"x": -7, "kind": 1}, "steps": 5}},
        ),
    ],
)  # fmt: skip
def test_what_it_says(text: str, document: dict[str, Any]) -> None:
    tree = read(text)
    found = to_json(tree)
    assert found == document
    again = read(write(document), "spec.json")
    assert to_json(again) == document
    assert to_json(read(print_tree(again))) == document


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"network": ["relu", {"kind": "dense", "units": 5, "init": "he"}]},
         "network {\n  relu\n  dense(5, init=he)\n}\n"),
        ({"network": [{"kind": "input", "shape": 64}]}, "network {\n  input(shape=64)\n}\n"),
        ({"$schema": "x", "let": {"a": "he"}}, 'let a = "he"\n'),
        ({"train": {"optimizer": {"lr": 1, "kind": "sgd"}, "loss": "mean_squared_error"}},
         "train { optimizer = sgd(lr=1); loss = mean_squared_error }\n"),
        ({"blocks": {"b": {"layers": []}}}, "block b {}\n"),
    ],
)  # fmt: skip
def test_what_is_read(document: dict[str, Any], text: str) -> None:
    assert print_tree(read(write(document), "spec.json")) == text


def test_what_a_page_says_by_position_stands_first() -> None:
    (layer, several) = to_json(read("network { dense(init=he, 6); input(tokens=9, 3) }"))["network"]
    assert [*layer] == ["kind", "units", "init"]
    assert [*several] == ["kind", "shape", "tokens"]


def test_a_parameter_may_hide_a_word() -> None:
    text = "block b(he) { dense(5, init=he, bias_init=he()) }"
    document = to_json(read(text))
    assert document["blocks"]["b"]["layers"][0]["init"] == "=he"
    again = print_tree(read(write(document), "spec.json"))
    assert "init=he, bias_init=he())" in again


@pytest.mark.slow
@pytest.mark.parametrize("text", SPECS.values(), ids=SPECS)
def test_specs_keep_their_meaning(text: str) -> None:
    document = to_json(read(text))
    assert meaning(write(document), "spec.json") == meaning(text, "spec.nn")
    again = read(write(document), "spec.json")
    assert to_json(again) == document
    assert meaning(print_tree(again), "spec.nn") == meaning(text, "spec.nn")


def test_deep_structures() -> None:
    text = f"network {{ {'residual {' * 97} relu {'}' * 97} }}"
    document = to_json(read(text))
    assert meaning(write(document), "spec.json") == meaning(text, "spec.nn")


def test_places_are_those_of_the_json_text() -> None:
    text = '{"network": [{"kind": "input", "shape": 4}, {"kind": "dense", "units": "=n // 0"}]}'
    diagnostics = Diagnostics()
    analyse(Source("spec.json", text), diagnostics)
    (found,) = diagnostics.diagnostics
    assert found.span.text == "n"
    diagnostics = Diagnostics()
    analyse(Source("spec.json", text.replace("=n", "=\\u006e")), diagnostics)
    (found,) = diagnostics.diagnostics
    assert found.span.text == "\\u006e"


@pytest.mark.parametrize("head", ["network { input(4); %s }", "block b { %s }; network { b }"])
def test_the_deepest_page_has_a_json_form_that_is_read(head: str) -> None:
    text = head % ("residual { repeat(1) { " * 49 + "relu" + " } }" * 49)
    form = write(to_json(read(text)))
    assert to_json(read(form, "spec.json")) == to_json(read(text))
