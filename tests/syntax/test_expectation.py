"""Every state of the parser that can refuse a token says so in a phrase of its own."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import product

import pytest

from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.syntax.builder import Builder
from nndsl.syntax.expectation import phrases
from nndsl.syntax.machine import load
from nndsl.syntax.parser import parse, parse_value

GRAMMAR = load("nn", Builder)
TOKENS = {kind for actions in GRAMMAR.states for kind in actions if kind.isupper()}


def refusals() -> dict[int, set[str]]:
    """Return the kinds of token that each state can refuse.

    A state that a token leads to refuses what it has no action for. A state that a reduction
    leads to refuses only those kinds that the reduction looked ahead to.
    """
    before: dict[int, set[int]] = defaultdict(set)
    found: dict[int, set[str]] = defaultdict(set)
    reductions = []
    for state, actions in enumerate(GRAMMAR.states):
        for symbol, action in actions.items():
            if action < 0:
                reductions.append((state, symbol, GRAMMAR.rules[~action]))
                continue
            before[action].add(state)
            if symbol in TOKENS:
                found[action] |= TOKENS - set(GRAMMAR.states[action])
    for state in GRAMMAR.starts.values():
        found[state] |= TOKENS - set(GRAMMAR.states[state])
    for state, token, rule in reductions:
        origins = {state}
        for _ in range(rule.length):
            origins = {earlier for one in origins for earlier in before[one]}
        for origin in origins:
            target = GRAMMAR.states[origin].get(rule.name)
            if target is not None and token not in GRAMMAR.states[target]:
                found[target].add(token)
    for state in GRAMMAR.ends.values():
        found[state].discard("$END")  # the end of a text that is whole
    return {state: tokens for state, tokens in found.items() if tokens}


def test_each_state_that_can_refuse_a_token_has_a_phrase_and_no_other() -> None:
    assert len(refusals()) > 60
    known = phrases(GRAMMAR, "start").keys() | phrases(GRAMMAR, "value").keys()
    assert known == refusals().keys()


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
