"""What a syntax error says, and where."""

from __future__ import annotations

import pytest

from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.syntax.parser import parse, parse_value

EXPECTED = [
    ("x =", "1:4 NN101 expected a value after `=`, found the end of the text"),
    ("x =\ny = 1", "1:4 NN101 expected a value after `=`, found the end of the line"),
    ("x = [1,,2]", "1:8 NN101 expected a value or `]` after `,`, found `,`"),
    ("a >= ", "1:5 NN101 expected a value after `>=`, found the end of the text"),
    ("batch 100", "1:7 NN101 unexpected `100` after `batch`"),
    ("= 3", "1:1 NN101 a statement begins with a name, not with `=`"),
    ("x = 1\ntrue = 3", "2:1 NN101 a statement begins with a name, not with `true`"),
    ("network\n{ relu }", "2:1 NN101 `{` has no call before it"),
    ("x = 1 2", "1:7 NN101 expected an operator or the end of the statement after `1`, found `2`"),
    (
        "let x 3",
        "1:7 NN101 expected `=`, `(`, `{` or the end of the statement after `x`, found `3`",
    ),
    (
        "dense(2) relu",
        "1:10 NN101 expected `{` or the end of the statement after `)`, found `relu`",
    ),
    ("f(1; 2)", "1:4 NN101 expected `,`, `)` or an operator after `1`, found `;`"),
    ("dense(50\nrelu\n", "1:6 NN102 `(` is not closed"),
    ("network {\n dense(2)\n", "1:9 NN102 `{` is not closed"),
    ("a {\n f(1 }", "2:3 NN102 `(` is not closed"),
    ("a { }\n}", "2:1 NN102 `}` has no `{` before it"),
    ('x = "abc\ny = 1', "1:5 NN103 this string is not closed on its line"),
    ('x = "\\q"', "1:6 NN103 this is not an escape"),
    ('x = "\\ud800"', "1:5 NN103 this string holds half of a surrogate pair"),
    ('x = "a\tb"', "1:7 NN103 a string holds no control characters"),
    ("x = 1_", "1:5 NN104 this is not a number"),
    ("x = 1__0", "1:5 NN104 this is not a number"),
    ("x = 0x10", "1:5 NN104 this is not a number"),
    ("x = 1e", "1:5 NN104 this is not a number"),
    ("x = 1e999", "1:5 NN104 this number is too large for a 64-bit float"),
    ("x = 1e-999", "1:5 NN104 this number is too small for a 64-bit float"),
    ("x = " + "9" * 301, "1:5 NN104 an integer has at most 300 digits"),
    ("\ufeffé = 1", "1:2 NN105 unexpected character `é`"),
    ("x = a ^ b", "1:7 NN105 unexpected character `^`"),
    ("x = \0", "1:5 NN105 unexpected character U+0000"),
    ("x = 1 # \ud800", "1:9 NN105 unexpected character U+D800"),
    ("x" * 1_000_001, "1:1 NN106 this text has 1,000,001 characters; 1,000,000 are the most"),
]
TOO_DEEP = {
    "parentheses": "x = " + "(" * 101,
    "braces": "a { " * 101,
    "signs": "x = " + "- " * 101 + "1",
    "powers": "x = 1" + " ** 1" * 101,
    "sums": "x = 1" + " + 1" * 1001,
    "calls": "x = " + "f(1 + " * 51,
}


@pytest.mark.parametrize(("text", "expected"), EXPECTED, ids=[text[:20] for text, _ in EXPECTED])
def test_first_error(text: str, expected: str) -> None:
    diagnostics = Diagnostics()
    assert not parse(Source("spec.nn", text), diagnostics).complete
    [finding] = diagnostics.diagnostics
    where = f"{finding.span.line}:{finding.span.column}"
    assert f"{where} {finding.code} {finding.message}" == expected


@pytest.mark.parametrize("text", TOO_DEEP.values(), ids=TOO_DEEP.keys())
def test_what_nests_too_deep_is_refused(text: str) -> None:
    diagnostics = Diagnostics()
    assert not parse(Source("spec.nn", text), diagnostics).complete
    assert [finding.code for finding in diagnostics.diagnostics] == ["NN107"]


def test_depth_does_not_add_up_over_neighbours() -> None:
    text = "x = [" + ", ".join(["1 + -2 * (3)"] * 200) + "]\n" + "y = 1 + 2\n" * 200
    assert parse(Source("spec.nn", text), Diagnostics()).complete


@pytest.mark.parametrize("term", ["x", "-x", "2 * x**2", "(x)", "-2**-x / 3"])
def test_a_sum_may_be_long(term: str) -> None:
    text = f"minimize {{\n  f = {' - '.join([term] * 1001)}\n}}"
    assert parse(Source("spec.nn", text), Diagnostics()).complete == ("*" not in term)
    text = "let a = " + " - ".join([term.replace("x", "1")] * 250)
    diagnostics = Diagnostics()
    assert parse(Source("spec.nn", text), diagnostics).complete


def test_an_unclosed_bracket_shows_what_came_instead() -> None:
    diagnostics = Diagnostics()
    parse(Source("spec.nn", "net {\n  dense(50\n  relu\n}"), diagnostics)
    [label] = diagnostics.diagnostics[0].labels
    assert (label.span.line, label.span.text) == (3, "relu")
    assert label.message == "expected `)` before `relu`"


def test_a_value_alone_is_all_of_the_text() -> None:
    diagnostics = Diagnostics()
    assert parse_value(Source("--set", "1 = 2"), diagnostics) is None
    assert diagnostics.diagnostics[0].message == (
        "expected an operator or the end of the text after `1`, found `=`"
    )
