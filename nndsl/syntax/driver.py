"""Feeds a parser lexeme by lexeme, and says what is wrong where that stops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from typing import Any

from nndsl.source import Source
from nndsl.syntax.lexeme import Fault, Lexeme, check_text
from nndsl.syntax.machine import Grammar, Token, UnexpectedCharacter, UnexpectedToken

Complain = Callable[[Lexeme | None, Lexeme, Set[str]], Fault]


def drive(
    grammar: Grammar,
    start: str,
    source: Source,
    read: Callable[[Iterator[Token]], Iterator[Lexeme]],
    unexpected_token: Complain,
    unexpected_character: Callable[[Source, int], Fault],
) -> Any:
    """Return what the rule `start` builds from a text.

    `read` makes lexemes of tokens, the last of which is `$END`. `unexpected_token` makes the
    fault of a lexeme from the one before it, itself, and the kinds that would be accepted.
    """
    check_text(source)
    machine = grammar.machine(start)
    fed: list[Lexeme] = []
    result = None
    try:
        for lexeme in read(grammar.tokens(source.text)):
            try:
                result = machine.feed(lexeme.type, lexeme)
            except UnexpectedToken:
                # The table merges states, so what it expects can be too much: ask a fresh machine.
                witness = grammar.machine(start)
                for earlier in fed:
                    witness.feed(earlier.type, earlier)
                previous = fed[-1] if fed else None
                raise unexpected_token(previous, lexeme, witness.accepts()) from None
            fed.append(lexeme)
    except UnexpectedCharacter as error:
        raise unexpected_character(source, error.at) from None
    return result
