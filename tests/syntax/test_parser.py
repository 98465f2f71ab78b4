"""Text to tree: forms, spans, comments, limits."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spec_texts import SPECS, mutated, nonsense, parsed
from thoroughness import examples
from work import calls

from nndsl.diagnostics import Diagnostics
from nndsl.source import Source, Span
from nndsl.syntax.ast import (
    Call,
    Comparison,
    Declaration,
    Group,
    Number,
    Operation,
    Reference,
    Sequence,
    Setting,
    String,
    Unary,
    Value,
)
from nndsl.syntax.parser import parse, parse_value


def value(text: str) -> Value:
    diagnostics = Diagnostics()
    result = parse_value(Source("--set", text), diagnostics)
    assert result is not None, diagnostics.diagnostics
    return result


def spans(node: object) -> Iterator[Span]:
    if isinstance(node, tuple):
        for item in node:
            yield from spans(item)
    elif dataclasses.is_dataclass(node):
        for field in dataclasses.fields(node):
            part = getattr(node, field.name)
            if isinstance(part, Span):
                yield part
            elif not isinstance(part, Source):
                yield from spans(part)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_examples_of_the_language_parse(path: Path) -> None:
    assert parsed(path.read_text(encoding="utf-8")).statements


def test_each_form_has_its_node() -> None:
    tree = parsed(
        "a = 1\nrelu\ndense(2)\nnet { relu }\nlet w = 2\nmodel m\nblock b(n) { relu }\nx<=1"
    )
    assert [type(node) for node in tree.statements] == [
        *(Setting, Call, Call, Call),
        *(Declaration, Declaration, Declaration, Comparison),
    ]
    relu, dense, net = tree.statements[1:4]
    assert isinstance(relu, Call)
    assert relu.arguments is None
    assert isinstance(dense, Call)
    assert dense.arguments is not None
    assert isinstance(net, Call)
    assert net.body is not None
    block = tree.statements[6]
    assert isinstance(block, Declaration)
    assert (block.word.text, block.name.text, block.value) == ("block", "b", None)
    assert block.body is not None


def test_spans_are_exact() -> None:
    tree = parsed("\ufeff# c\r\nblock b(n, k=-2**2) { dense( n ) ; relu }  # t\r\nlet e = [1]")
    block, let = tree.statements
    assert isinstance(block, Declaration)
    assert block.span.text == "block b(n, k=-2**2) { dense( n ) ; relu }"
    assert block.arguments is not None
    assert [argument.span.text for argument in block.arguments] == ["n", "k=-2**2"]
    assert block.arguments[1].value.span.text == "-2**2"
    assert block.body is not None
    assert block.body.span.text == "{ dense( n ) ; relu }"
    assert [node.span.text for node in block.body.statements] == ["dense( n )", "relu"]
    assert (block.span.line, block.span.column) == (2, 1)
    assert let.span.text == "let e = [1]"
    assert [comment.text for comment in tree.comments] == ["# c", "# t"]
    assert [comment.trailing for comment in tree.comments] == [False, True]
    assert [comment.span.text for comment in tree.comments] == ["# c", "# t"]


def test_columns_count_code_points() -> None:
    tree = parsed('s = "😀é"; t = 1')
    assert tree.statements[1].span.column == 11


def test_operators_bind_as_in_mathematics() -> None:
    power = value("-2**3**2")
    assert isinstance(power, Unary)
    assert isinstance(power.operand, Operation)
    assert isinstance(power.operand.rest[0][1], Operation)
    difference = value("a - b - c * d")
    assert isinstance(difference, Operation)
    assert (difference.until(1).span.text, difference.rest[1][1].span.text) == ("a - b", "c * d")


def test_values() -> None:
    assert isinstance(value("(10)"), Group)
    pair = value("(1,)")
    assert isinstance(pair, Sequence)
    assert not pair.is_list
    reference = value("sgd(lr=0.1,)")
    assert isinstance(reference, Reference)
    assert reference.arguments is not None
    text = value(r'"a\"\u00e9\n😀"')
    assert isinstance(text, String)
    assert text.value == 'a"é\n😀'
    assert isinstance(value("truer"), Reference)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("100_000", 100_000),
        ("1e-4", 1e-4),
        (".5", 0.5),
        ("1.", 1.0),
        ("1_0.0_1", 10.01),
        ("1E2", 1e2),
    ],
)
def test_numbers(text: str, number: float) -> None:
    node = value(text)
    assert isinstance(node, Number)
    assert node.value == number
    assert type(node.value) is type(number)


def test_line_ends_are_free_inside_parentheses_and_not_outside() -> None:
    tree = parsed("f(\n 1, # c\n\n [2,\n 3]\n)\n\n;; g\n;")
    assert [node.span.text[0] for node in tree.statements] == ["f", "g"]
    assert tree.comments[0].trailing


@pytest.mark.slow
def test_ten_thousand_layers_are_read_in_linear_time() -> None:
    def work(layers: int) -> int:
        text = "network {\n" + "  dense(10, init=he)\n  relu\n" * (layers // 2) + "}\n"
        return calls(lambda: parsed(text))

    work(10)  # loads the table
    small, large = work(500), work(1_500)
    assert large < 3.1 * small
    assert parsed("network {\n" + "relu\n" * 10_000 + "}\n")


@pytest.mark.slow
@pytest.mark.parametrize("nonsense", ["a}(", "((((", "a = (1\n", '"', "\\", "- ", "{"])
@pytest.mark.parametrize("size", [5_000_000, 50_000, 300_000])
def test_five_megabytes_of_nonsense_are_refused(nonsense: str, size: int) -> None:
    diagnostics = Diagnostics()
    assert not parse(Source("spec.nn", nonsense * (size // len(nonsense))), diagnostics).complete
    assert diagnostics.failed


@pytest.mark.slow
@settings(max_examples=examples(300))
@given(st.text() | nonsense | mutated())
def test_any_text_gives_a_tree_or_a_finding_inside_it(text: str) -> None:
    diagnostics = Diagnostics()
    tree = parse(Source("spec.nn", text), diagnostics)
    assert tree.complete != diagnostics.failed
    for finding in diagnostics.diagnostics:
        for span in (finding.span, *(label.span for label in finding.labels)):
            assert 0 <= span.start <= span.end <= len(text)
            assert str(finding).startswith("spec.nn:")
    for span in spans(tree.statements):
        assert 0 <= span.start <= span.end <= len(text)
        assert not tree.complete or (span.text and span.text == span.text.strip())
    parse_value(Source("--set", text), Diagnostics())
