"""From JSON text to nodes that know where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Any

from nndsl.diagnostics import Diagnostics, Label
from nndsl.record import record
from nndsl.source import Source, Span
from nndsl.syntax.ast import Boolean, Number, String
from nndsl.syntax.driver import drive
from nndsl.syntax.lexeme import (
    MAX_DEPTH,
    Brackets,
    Fault,
    Lexeme,
    number,
    string,
    unexpected_character,
)
from nndsl.syntax.machine import Token, load

_DEPTH = 2 * MAX_DEPTH + 10  # a body `{ … }` of the language is an object and an array
_WORDS = {"COLON": "`:`", "COMMA": "`,`", "RSQB": "`]`", "RBRACE": "`}`", "$END": "the end"}


@record
class JsonNull:
    span: Span


@record
class JsonArray:
    items: tuple[JsonValue, ...]
    span: Span


@record
class JsonObject:
    """Members in the order of the text; no name occurs twice."""

    members: tuple[tuple[String, JsonValue], ...]
    span: Span


JsonValue = JsonObject | JsonArray | String | Number | Boolean | JsonNull


def read_json(source: Source, diagnostics: Diagnostics) -> JsonValue | None:
    """Return the value that a JSON text holds, or None with the first error in `findings`."""
    grammar = load("json", _Builder)
    try:
        result: JsonValue = drive(
            grammar,
            "start",
            source,
            lambda tokens: _lexemes(source, tokens),
            _unexpected_token,
            _unexpected_character,
        )
    except Fault as fault:
        if fault.code not in ("NN106", "NN107", "NN111"):
            fault.code = "NN110"
        fault.record(diagnostics)
        return None
    return result


def _lexemes(source: Source, tokens: Iterator[Token]) -> Iterator[Lexeme]:
    brackets = Brackets(_DEPTH)
    for token in tokens:
        lexeme = Lexeme(token.type, token.text, Span(source, token.start, token.end))
        brackets.meet(lexeme)
        if lexeme.type == "NUMBER":
            lexeme.value = number(lexeme.text, lexeme.span)
        elif lexeme.type == "STRING":
            lexeme.value = string(lexeme.text, lexeme.span)
        yield lexeme


def _unexpected_token(previous: Lexeme | None, found: Lexeme, accepted: Set[str]) -> Fault:
    after = f" after {previous}" if previous else ""
    if "NUMBER" in accepted:
        expected = "a value or `]`" if "RSQB" in accepted else "a value"
    elif "STRING" in accepted:
        expected = "a name in double quotes" + (" or `}`" if "RBRACE" in accepted else "")
    else:
        expected = " or ".join(word for kind, word in _WORDS.items() if kind in accepted)
    return Fault("NN110", f"expected {expected}{after}, found {found}", found.span)


def _unexpected_character(source: Source, at: int) -> Fault:
    word = re.compile(r"[^\W\d]\w*").match(source.text, at)
    if word is None:
        fault = unexpected_character(source, at)
        fault.help = None  # it speaks of the other language
        return fault
    hint = "the words of JSON are true, false and null"
    return Fault("NN110", f"`{word[0][:30]}` is no JSON", Span(source, at, word.end()), help=hint)


Children = list[Any]  # lexemes and nodes, in the order of the grammar's rule


class _Builder:
    """The method of a rule takes the parts of its match, all tokens included."""

    def start(self, parts: Children) -> JsonValue:
        value: JsonValue = parts[0]
        return value

    def string(self, parts: Children) -> String:
        return String(parts[0].value, parts[0].span)

    def number(self, parts: Children) -> Number:
        return Number(parts[0].value, parts[0].span)

    def boolean(self, parts: Children) -> Boolean:
        return Boolean(parts[0].type == "TRUE", parts[0].span)

    def null(self, parts: Children) -> JsonNull:
        return JsonNull(parts[0].span)

    def member(self, parts: Children) -> tuple[String, JsonValue]:
        return self.string(parts), parts[2]

    def array(self, parts: Children) -> JsonArray:
        span = parts[0].span.to(parts[-1].span)
        return JsonArray(tuple(part for part in parts if not isinstance(part, Lexeme)), span)

    def object(self, parts: Children) -> JsonObject:
        members = tuple(part for part in parts if isinstance(part, tuple))
        first: dict[str, Span] = {}
        for name, _ in members:
            if name.value in first:
                label = Label(first[name.value], "first here")
                message = f"the name {name.span.text} occurs twice in this object"
                raise Fault("NN111", message, name.span, label)
            first[name.value] = name.span
        return JsonObject(members, parts[0].span.to(parts[-1].span))
