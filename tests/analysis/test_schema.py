"""The JSON Schema: valid itself, documented, and as strict as the language where it can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from json_texts import SPECS, read, to_json
from jsonschema import Draft202012Validator

from nndsl.analysis.schema import json_schema
from nndsl.vocabulary import registry
from nndsl.vocabulary.section import Section

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


@pytest.mark.slow
def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_it_has_every_word_and_refers_to_nothing_else() -> None:
    definitions = SCHEMA["$defs"]
    for kind in registry.kinds():
        if kind != Section.kind:
            assert {f"{kind}.{name}" for name in registry.names(kind)} <= definitions.keys()
    assert set(references(SCHEMA)) <= {f"#/$defs/{name}" for name in definitions}


def references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from references(part)


@pytest.mark.parametrize("kind", [kind for kind in registry.kinds() if kind != Section.kind])
def test_everything_is_documented(kind: str) -> None:
    for name in registry.names(kind):
        word = SCHEMA["$defs"][f"{kind}.{name}"]
        assert word["description"]
        assert word["additionalProperties"] is False
        assert not {"description", "$schema"} & word["properties"].keys()
        for field, schema in word["properties"].items():
            assert field in ("kind", "layers") or schema["description"], (name, field)


def test_a_field_has_its_range_and_its_default() -> None:
    train = SCHEMA["properties"]["train"]["properties"]
    assert train["batch"]["default"] == 32
    assert train["batch"]["description"] == "examples a step"
    assert train["batch"]["anyOf"][0] == {"type": "integer", "minimum": 1, "maximum": 10_000_000}


@pytest.mark.slow
@pytest.mark.parametrize("text", SPECS.values(), ids=SPECS)
def test_specs_are_valid(text: str) -> None:
    assert not list(VALIDATOR.iter_errors(to_json(read(text))))


@pytest.mark.parametrize(
    "document",
    [
        {"$schema": "https://example.org/spec.json", "model": "a"},
        {"let": {"a": "=b * 2", "b": [1, "x", {"kind": "he"}], "c": True}},
        {"blocks": {"b": {"layers": ["relu"]}}, "network": ["b", {"kind": "b"}, "=b()"]},
        {"network": [{"kind": "b", "anything": 5, "more": "=x"}]},
        {"network": [{"kind": "input", "shape": 64}, {"kind": "input", "shape": "=s"}]},
        {"network": [{"kind": "dense", "units": "=n", "init": "he", "bias": "=on"}]},
        {"network": [{"kind": "dense", "units": 5.0, "init": {"kind": "he"}}]},
        {"compare": {"variants": {"a": {"width": 5, "data": "digits", "batch": 3}}}},
    ],
)
def test_right_documents_are_valid(document: Any) -> None:
    assert not list(VALIDATOR.iter_errors(document))


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"trian": {}},
        {"model": "two words"},
        {"let": {"a b": 5}},
        {"let": {"a": None}},
        {"let": {"a": {"kind": "dense", "unit": 5}}},
        {"data": "digit"},
        {"data": {"kind": "digits", "validation": -1}},
        {"data": {"kind": "digits", "images": "yes"}},
        {"network": {}},
        {"network": [5]},
        {"network": ["dense"]},
        {"network": [{"kind": "dense"}]},
        {"network": [{"kind": "dense", "units": 0}]},
        {"network": [{"kind": "dense", "units": 2.5}]},
        {"network": [{"kind": "dense", "units": "fifty"}]},
        {"network": [{"kind": "dense", "units": 5, "init": "relu"}]},
        {"network": [{"kind": "dense", "units": 5, "layers": []}]},
        {"network": [{"kind": "dropout", "rate": 0.5, "scaling": "tset"}]},
        {"network": [{"kind": "repeat", "times": 2}]},
        {"network": [{"kind": "repeat", "times": 2, "layers": []}]},
        {"network": [{"kind": "concat", "layers": ["relu"]}]},
        {"blocks": {"b": {}}},
        {"blocks": {"b": {"parameters": [5], "layers": []}}},
        {"train": {"optimizer": "adam"}},
        {"train": {"loss": "mean_squared_error", "optimizer": "adam", "epoch": 5}},
        {"train": {"loss": "mean_squared_error", "optimizer": "adam", "dtype": "float16"}},
        {"compare": {}},
        {"compare": {"variants": {"a": {"batch": 0}}}},
        {"search": {"ranges": {"a": 5}}},
        {"search": {"ranges": {"a": {"kind": "choice", "values": []}}}},
        {"record": ["weight"]},
        {"expect": ["parameters < 5"]},
        {"expect": [{"name": "parameter", "operator": "<", "value": 5}]},
        {"compare": {"variants": {"a": {"expect": [{"name": "x", "operator": "<", "value": 5}]}}}},
        {"minimize": {"f": "=x", "optimizer": "sgd"}},
    ],
)
def test_wrong_documents_are_not(document: Any) -> None:
    assert list(VALIDATOR.iter_errors(document))
