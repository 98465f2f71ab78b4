"""From text to tree."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

from nndsl.diagnostics import Diagnostics
from nndsl.source import Source, Span
from nndsl.syntax.ast import Comment, Tree, Value
from nndsl.syntax.builder import Builder
from nndsl.syntax.lexeme import Brackets, Fault, Lexeme, check_text, decode
from nndsl.syntax.machine import Grammar, Token, UnexpectedCharacter, UnexpectedToken, load
from nndsl.syntax.scan import comment_before

_NO_WORDS: frozenset[str] = frozenset()


def parse(source: Source, diagnostics: Diagnostics, top_words: Set[str] = _NO_WORDS) -> Tree:
    """Return the tree of a spec.

    Where the text has syntax errors all of them are recorded, and the tree, which holds what
    could be read, says that it is not complete. `top_words` begin statements that can only stand
    at the top: they tell where a `}` is missing in a text that is not indented.
    """
    try:
        check_text(source)
    except Fault as fault:
        fault.record(diagnostics)
        return Tree(source, (), unread=(Span(source, 0, len(source.text)),))
    grammar = _grammar()
    comments: list[Comment] = []
    statements = _read(grammar, "start", source, comments)
    if statements is not None:
        return Tree(source, statements, tuple(comments))
    from nndsl.syntax.recovery import recover

    return recover(grammar, source, diagnostics, top_words)


def parse_value(source: Source, diagnostics: Diagnostics) -> Value | None:
    """Return the value that a whole text spells, as in `--set name=value`, or None."""
    try:
        check_text(source)
        value: Value | None = _read(_grammar(), "value", source, [])
        if value is None:
            from nndsl.syntax.attempt import explain_value

            raise explain_value(_grammar(), source)
    except Fault as fault:
        fault.record(diagnostics)
        return None
    return value


def _grammar() -> Grammar:
    return load("nn", Builder)


def _read(grammar: Grammar, start: str, source: Source, comments: list[Comment]) -> Any:
    """Return what the rule `start` builds from a text, or None where it has a syntax error."""
    machine = grammar.machine(start)
    result = None
    try:
        for lexeme in _lexemes(source, grammar.tokens(source.text), comments):
            result = machine.feed(lexeme.type, lexeme)
    except (UnexpectedCharacter, UnexpectedToken, Fault):
        return None
    return result


def _lexemes(source: Source, found: Iterator[Token], comments: list[Comment]) -> Iterator[Lexeme]:
    """Give tokens spans and values, drop line ends inside ( and [, collect the comments."""
    brackets = Brackets()
    last = None
    for token in found:
        lexeme = Lexeme(token.type, token.text, Span(source, token.start, token.end))
        comment_before(lexeme, last, comments)
        last = lexeme
        if "\n" in lexeme.text and brackets.join_lines:
            continue
        brackets.meet(lexeme)
        decode(lexeme)
        yield lexeme
