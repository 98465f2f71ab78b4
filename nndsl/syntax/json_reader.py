"""From JSON text (RFC 8259) to nodes that know where they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from nndsl.diagnostics import Diagnostics, Label
from nndsl.record import record
from nndsl.source import Source, Span
from nndsl.syntax.ast import Boolean, Number, String
from nndsl.syntax.lexeme import (
    MAX_DEPTH,
    Brackets,
    Fault,
    Lexeme,
    check_text,
    decode,
    unexpected_character,
)

T = TypeVar("T")
_MAX_DEPTH = 2 * MAX_DEPTH + 10  # a body `{ … }` of the language is an object and an array
_TOKEN = re.compile(
    r"""(?P<NUMBER>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.]))
    |(?P<STRING>"(?:[^"\\\n]|\\.)*")|(?P<BLANK>[ \t\r\n\ufeff]+)
    |(?P<FALSE>false)|(?P<NULL>null)|(?P<TRUE>true)
    |(?P<COLON>:)|(?P<COMMA>,)|(?P<LBRACE>{)|(?P<LSQB>\[)|(?P<RBRACE>})|(?P<RSQB>])""",
    re.VERBOSE,
)


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
    """Return the value that a JSON text holds, or None with the first error in `diagnostics`."""
    try:
        check_text(source)
        return _Reader(_lexemes(source)).document()
    except Fault as fault:
        if fault.code not in ("NN106", "NN107", "NN111"):
            fault.code = "NN110"
        fault.record(diagnostics)
        return None


def _lexemes(source: Source) -> Iterator[Lexeme]:
    """Yield the lexemes of a text, and `$END`. Raise a Fault where none begins."""
    brackets, at = Brackets(_MAX_DEPTH), 0
    while at < len(source.text):
        token = _TOKEN.match(source.text, at)
        if token is None:
            raise _unexpected_character(source, at)
        if token.lastgroup != "BLANK":
            lexeme = Lexeme(token.lastgroup or "", token[0], Span(source, at, token.end()))
            brackets.feed(lexeme)
            decode(lexeme)
            yield lexeme
        at = token.end()
    end = Lexeme("$END", "", Span(source, at, at))
    brackets.feed(end)
    yield end


def _unexpected_character(source: Source, at: int) -> Fault:
    word = re.compile(r"[^\W\d]\w*").match(source.text, at)
    if word is None:
        fault = unexpected_character(source, at)
        fault.help = None  # it speaks of the other language
        return fault
    hint = "the words of JSON are true, false and null"
    return Fault("NN110", f"`{word[0][:30]}` is no JSON", Span(source, at, word.end()), help=hint)


class _Reader:
    """Reads values by recursive descent; `_lexemes` has limited how deep they stand."""

    def __init__(self, lexemes: Iterator[Lexeme]) -> None:
        self.lexemes = lexemes
        self.previous: Lexeme | None = None
        self.here = next(lexemes)

    def document(self) -> JsonValue:
        value = self.value("a value")
        self.take("the end", "$END")
        return value

    def take(self, expected: str, *types: str) -> Lexeme:
        """Go past a lexeme of one of these types; raise a Fault for any other."""
        found = self.here
        if found.type not in types:
            after = f" after {self.previous}" if self.previous else ""
            raise Fault("NN110", f"expected {expected}{after}, found {found}", found.span)
        self.previous, self.here = found, next(self.lexemes, found)
        return found

    def value(self, expected: str) -> JsonValue:
        first = self.take(expected, "STRING", "NUMBER", "TRUE", "FALSE", "NULL", "LSQB", "LBRACE")
        match first.type, first.value:
            case "STRING", str(text):
                return String(text, first.span)
            case "NUMBER", int(number) | float(number):
                return Number(number, first.span)
            case "NULL", _:
                return JsonNull(first.span)
            case "LSQB", _:
                return self.array(first)
            case "LBRACE", _:
                return self.object(first)
        return Boolean(first.type == "TRUE", first.span)

    def array(self, opener: Lexeme) -> JsonArray:
        items, last = self.several("RSQB", "`]`", lambda end: self.value(f"a value{end}"))
        return JsonArray(items, opener.span.to(last.span))

    def object(self, opener: Lexeme) -> JsonObject:
        members, last = self.several("RBRACE", "`}`", self.member)
        first: dict[str, Span] = {}
        for key, _ in members:
            if first.setdefault(key.value, key.span) is not key.span:
                label = Label(first[key.value], "first here")
                message = f"the name {key.span.text} occurs twice in this object"
                raise Fault("NN111", message, key.span, label)
        return JsonObject(members, opener.span.to(last.span))

    def member(self, or_end: str) -> tuple[String, JsonValue]:
        name = self.take(f"a name in double quotes{or_end}", "STRING")
        self.take("`:`", "COLON")
        return String(str(name.value), name.span), self.value("a value")

    def several(
        self, closer: str, sign: str, read: Callable[[str], T]
    ) -> tuple[tuple[T, ...], Lexeme]:
        """Read items between commas, the first of which may be the closing bracket instead."""
        items: list[T] = []
        last = self.take("", closer) if self.here.type == closer else None
        while last is None or last.type != closer:
            items.append(read("" if items else f" or {sign}"))
            last = self.take(f"`,` or {sign}", "COMMA", closer)
        return tuple(items), last
