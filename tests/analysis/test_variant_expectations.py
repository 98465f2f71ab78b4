"""What a variant of a comparison must reach: comparisons in its body."""

from __future__ import annotations

import json

from test_experiments import BASE, check, experiment

import nndsl
from nndsl.analysis.compare import ComparisonSpec
from nndsl.analysis.json_form import tree_to_json
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.syntax.parser import parse


def compare(body: str) -> str:
    return f"{BASE}compare {{ variant v {{ {body} }} }}"


def test_they_are_kept_beside_the_values() -> None:
    found = experiment(compare("width = 50; test_accuracy >= 0.5; test_accuracy <= 1"), "compare")
    assert isinstance(found, ComparisonSpec)
    (variant,) = found.variants
    assert list(variant.values) == ["width"]
    assert [(e.name, e.operator, e.expected) for e in variant.expectations] == [
        ("test_accuracy", ">=", 0.5),
        ("test_accuracy", "<=", 1),
    ]


def test_a_variant_without_values_may_expect() -> None:
    found = experiment(compare("test_accuracy >= 0.5"), "compare")
    assert len(found.variants[0].expectations) == 1


def test_a_name_has_the_value_that_the_variant_gives_it() -> None:
    found = experiment(compare("width = 50; training_loss <= width / 100"), "compare")
    assert found.variants[0].expectations[0].expected == 0.5


def test_what_needs_no_run_is_checked_at_once() -> None:
    text = compare("width = 50; parameters <= 2000")
    _, (error,) = check(text)
    assert (error.code, error.span.text) == ("NN501", "parameters <= 2000")
    assert check(text.replace("50;", "20;"))[1] == []


def test_the_data_of_the_variant_counts() -> None:
    _, (error,) = check(compare("data = digits(validation=0.1); test_accuracy >= 0.5"))
    assert (error.code, error.span.text) == ("NN309", "test_accuracy")


def test_wrong_names_and_doubles() -> None:
    _, (error,) = check(compare("tst_accuracy >= 0.5"))
    assert error.code == "NN308"
    _, (error,) = check(compare("test_accuracy >= 0.5; test_accuracy >= 0.6"))
    assert error.code == "NN203"


def test_neither_a_setting_nor_a_comparison() -> None:
    _, (error,) = check(compare("relu"))
    assert error.code == "NN224"
    assert "or a comparison" in error.message


def test_the_json_form() -> None:
    text = compare("width = 50; test_accuracy >= 0.5")
    written = tree_to_json(parse(Source("spec.nn", text), Diagnostics()), Diagnostics())
    assert written["compare"]["variants"]["v"] == {
        "width": 50,
        "expect": [{"name": "test_accuracy", "operator": ">=", "value": 0.5}],
    }
    assert nndsl.check("spec.json", text=json.dumps(written)) == []
    written["compare"]["variants"]["v"]["expect"][0] |= {"name": "parameters", "operator": "<"}
    assert [d.code for d in nndsl.check("spec.json", text=json.dumps(written))] == ["NN501"]
