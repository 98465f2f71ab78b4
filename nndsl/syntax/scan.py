"""Reads all the lexemes of a text, whatever it holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from nndsl.source import Source, Span
from nndsl.syntax.ast import Comment
from nndsl.syntax.lexeme import Fault, Lexeme, decode, unexpected_character
from nndsl.syntax.machine import Grammar, UnexpectedCharacter

UNREADABLE = "UNREADABLE"  # the type of a lexeme that is no token
_LITERALS = {"NN103": "STRING", "NN104": "NUMBER"}  # such a fault leaves a literal without a value


@dataclass(slots=True)
class Scan:
    """The lexemes of a text, the last of which is `$END`, and what is wrong with some."""

    lexemes: list[Lexeme] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)  # by the start of the lexeme


def scan(grammar: Grammar, source: Source) -> Scan:
    """Return everything that a text is made of, in linear time."""
    found = Scan()
    at = 0
    while True:
        try:
            for token in grammar.tokens(source.text, at):
                span = Span(source, token.start, token.end)
                lexeme = Lexeme(token.type, token.text, span)
                try:
                    decode(lexeme)
                except Fault as fault:
                    found.faults[span.start] = fault
                _add(found, lexeme)
            return found
        except UnexpectedCharacter as error:
            wrong = unexpected_character(source, error.at)
            kind = _LITERALS.get(wrong.code, UNREADABLE)
            found.faults[wrong.span.start] = wrong
            _add(found, Lexeme(kind, wrong.span.text, wrong.span))
            at = wrong.span.end


def _add(found: Scan, lexeme: Lexeme) -> None:
    last = found.lexemes[-1] if found.lexemes else None
    comment_before(lexeme, last, found.comments)
    found.lexemes.append(lexeme)


def comment_before(lexeme: Lexeme, last: Lexeme | None, comments: list[Comment]) -> None:
    """Collect the comment before a lexeme, if there is one.

    A gap between two tokens holds blanks and at most one comment, which ends it.
    """
    source, end = lexeme.span.source, lexeme.span.start
    at = source.text.find("#", last.span.end if last else 0, end)
    if at >= 0:
        trailing = last is not None and not last.ends_line
        comments.append(Comment(source.text[at:end], Span(source, at, end), trailing))
