"""Feeds a parser lexeme by lexeme, and says what is wrong where that stops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from typing import TYPE_CHECKING, Any

from nndsl.source import Source
from nndsl.syntax.lexeme import Fault, Lexeme, check_text

if TYPE_CHECKING:
    from lark import Lark, Token

Complain = Callable[[Lexeme | None, Lexeme, Set[str]], Fault]


def drive(
    grammar: Lark,
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
    from lark import UnexpectedCharacters, UnexpectedToken

    check_text(source)
    machine: Any = grammar.parse_interactive(source.text, start)
    fed: list[Lexeme] = []
    result = None
    try:
        for lexeme in read(tokens(machine, len(source.text))):
            result = machine.feed_token(lexeme)
            fed.append(lexeme)
    except UnexpectedCharacters as error:
        raise unexpected_character(source, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        # The table merges states, so what it expects can be too much: ask a fresh machine.
        witness: Any = grammar.parse_interactive("", start)
        for earlier in fed:
            witness.feed_token(earlier)
        found: Any = error.token
        raise unexpected_token(fed[-1] if fed else None, found, witness.accepts()) from None
    return result


def tokens(machine: Any, end: int) -> Iterator[Token]:
    """Yield the tokens of a machine's text, which ends at an offset, and `$END`."""
    from lark import Token

    yield from machine.lexer_thread.lex(machine.parser_state)
    yield Token("$END", "", start_pos=end, end_pos=end)
