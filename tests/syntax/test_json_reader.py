"""JSON with positions."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thoroughness import examples

from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.syntax.json_reader import JsonArray, JsonNull, JsonObject, JsonValue, read_json


def plain(node: JsonValue) -> object:
    match node:
        case JsonObject(members):
            return {name.value: plain(value) for name, value in members}
        case JsonArray(items):
            return [plain(item) for item in items]
        case JsonNull():
            return None
    return node.value


ERRORS = [
    ('{"a" 1}', '1:6 NN110 expected `:` after `"a"`, found `1`'),
    ("[1\n 2]", "2:2 NN110 expected `,` or `]` after `1`, found `2`"),
    ("[1,]", "1:4 NN110 expected a value after `,`, found `]`"),
    ("{1: 2}", "1:2 NN110 expected a name in double quotes or `}` after `{`, found `1`"),
    ('{"a": 1,}', "1:9 NN110 expected a name in double quotes after `,`, found `}`"),
    ("", "1:1 NN110 expected a value, found the end of the text"),
    ("[NaN]", "1:2 NN110 `NaN` is no JSON"),
    ("[01]", "1:2 NN110 this is not a number"),
    ("[1e999]", "1:2 NN110 this number is too large for a 64-bit float"),
    ('["a', "1:2 NN110 this string is not closed on its line"),
    ('["\\x"]', "1:3 NN110 this is not an escape"),
    ('{"a": [1}', "1:7 NN110 `[` is not closed"),
    ('{"a": 1,\n"\\u0061": 2}', '2:1 NN111 the name "\\u0061" occurs twice in this object'),
    ("[" * 211, "1:211 NN107 more than 210 brackets and operators stand in each other here"),
    (" " * 1_000_001, "1:1 NN106 this text has 1,000,001 characters; 1,000,000 are the most"),
]


@pytest.mark.parametrize(("text", "expected"), ERRORS, ids=[text[:20] for text, _ in ERRORS])
def test_errors(text: str, expected: str) -> None:
    diagnostics = Diagnostics()
    assert read_json(Source("spec.json", text), diagnostics) is None
    [finding] = diagnostics.diagnostics
    where = f"{finding.span.line}:{finding.span.column}"
    assert f"{where} {finding.code} {finding.message}" == expected


def test_spans_are_exact() -> None:
    text = '\ufeff{"kind": "dense",\r\n "units": [1, -2.5e3, true, null]}'
    root = read_json(Source("spec.json", text), Diagnostics())
    assert isinstance(root, JsonObject)
    assert root.span.text == text[1:]
    (kind, dense), (units, array) = root.members
    assert (kind.span.text, dense.span.text, units.span.line) == ('"kind"', '"dense"', 2)
    assert isinstance(array, JsonArray)
    assert [item.span.text for item in array.items] == ["1", "-2.5e3", "true", "null"]


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=10,
)


@settings(max_examples=examples(100))
@given(documents, st.booleans())
def test_json_means_what_the_standard_library_reads(document: object, ascii_only: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only)
    node = read_json(Source("spec.json", text), Diagnostics())
    assert node is not None
    assert plain(node) == document


@settings(max_examples=examples(100))
@given(st.lists(st.sampled_from([*'{}[],:"\\ \n1.-e', "true", '"a"', "é"]), max_size=20))
def test_any_text_gives_a_value_or_a_finding(pieces: list[str]) -> None:
    diagnostics = Diagnostics()
    assert (
        read_json(Source("spec.json", "".join(pieces)), diagnostics) is None
    ) == diagnostics.failed
