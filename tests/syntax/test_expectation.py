"""What is said where the parser refuses a token is in words of the language."""

from __future__ import annotations

import re
from itertools import product

import pytest

from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.syntax.builder import grammar
from nndsl.syntax.parser import parse, parse_value

TOKENS = {kind for actions in grammar().states for kind in actions if kind.isupper()}


SPELLINGS = {
    "NAME": "x",
    "NUMBER": "1",
    "STRING": '"s"',
    "TRUE": "true",
    "FALSE": "false",
    "EQUAL": "=",
    "COMPARE": "<=",
    "ADD": "+",
    "MUL": "*",
    "POWER": "**",
    "LPAR": "(",
    "RPAR": ")",
    "LSQB": "[",
    "RSQB": "]",
    "LBRACE": "{",
    "RBRACE": "}",
    "COMMA": ",",
    "_END": "\n",
    "$END": "",
}
BEGINNINGS = ["", "x", "x y", "x {", "x {}", "x = 1", "x = ", "f(", "f(x", "f(1,", "f(1)", "x = [1"]


def test_every_kind_of_token_is_spelt() -> None:
    assert SPELLINGS.keys() == TOKENS


def test_a_refusal_is_said_in_words_of_the_language() -> None:
    diagnostics = Diagnostics()
    for beginning, spelling in product(BEGINNINGS, SPELLINGS.values()):
        parse(Source("spec.nn", f"{beginning} {spelling}"), diagnostics)
        parse_value(Source("--set", f"{beginning} {spelling}"), diagnostics)
    kinds = [kind for kind in TOKENS if len(kind) > 3]
    messages = {finding.message for finding in diagnostics.diagnostics}
    assert len(messages) > 100
    assert not [message for message in messages if any(kind in message for kind in kinds)]
    assert not [message for message in messages if "``" in message]
    assert not [message for message in messages if not re.match("[a-z`]", message)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("net {\n = 3\n}", "expected a layer, a setting or `}`, found `=`"),
        ("x = 1, 2", "expected an operator or the end of the statement after `1`, found `,`"),
        ("f(lr 0.1)", "expected `=`, `,`, `)` or an operator after `lr`, found `0.1`"),
        ("x = [1 2]", "expected `,`, `]` or an operator after `1`, found `2`"),
        ("x = f(1 + )", "expected a value after `+`, found `)`"),
        ("a { relu } b", "expected the end of the statement after `}`, found `b`"),
        ("x = (1, 2]", "`]` has no `[` before it"),
    ],
)
def test_messages(text: str, message: str) -> None:
    diagnostics = Diagnostics()
    parse(Source("spec.nn", text), diagnostics)
    assert [finding.message for finding in diagnostics.diagnostics] == [message]
