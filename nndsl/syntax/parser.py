"""From text to tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nndsl.diagnostics import Findings
from nndsl.source import Source, Span
from nndsl.syntax.builder import Builder
from nndsl.syntax.expectation import unexpected
from nndsl.syntax.grammar import load
from nndsl.syntax.lexeme import (
    Brackets,
    Fault,
    Lexeme,
    check_text,
    number,
    string,
    unexpected_character,
)
from nndsl.syntax.tree import Comment, Statement, Tree, Value

_OPERATORS = frozenset({"ADD", "MUL", "POWER"})
_SEPARATORS = frozenset({"COMMA", "_END"})


def parse(source: Source, findings: Findings) -> Tree | None:
    """Return the tree of a spec, or None with the syntax error in `findings`."""
    comments: list[Comment] = []
    try:
        statements: tuple[Statement, ...] = _run(source, "start", comments)
    except Fault as fault:
        fault.record(findings)
        return None
    return Tree(source, statements, tuple(comments))


def parse_value(source: Source, findings: Findings) -> Value | None:
    """Return the value that a whole text spells, as in `--set name=value`, or None."""
    try:
        value: Value = _run(source, "value", [])
    except Fault as fault:
        fault.record(findings)
        return None
    return value


def _run(source: Source, start: str, comments: list[Comment]) -> Any:
    """Feed the text to the parser, lexeme by lexeme; return what the rule `start` builds."""
    check_text(source)
    grammar = load("nn", Builder, "start", "value")
    from lark import UnexpectedToken

    machine: Any = grammar.parse_interactive(source.text, start)
    brackets = Brackets()
    fed: list[Lexeme] = []
    result = None
    for lexeme in _lexemes(source, machine.lexer_thread.lex(machine.parser_state), comments):
        if lexeme.type == "_END" and lexeme.ends_line and brackets.join_lines:
            continue
        try:
            brackets.meet(
                lexeme,
                operator=lexeme.type in _OPERATORS,
                separator=lexeme.type in _SEPARATORS,
            )
            result = machine.feed_token(lexeme)
        except UnexpectedToken:
            # The table merges states, so what it "expects" is too much: ask a fresh machine.
            witness: Any = grammar.parse_interactive("", start)
            for earlier in fed:
                witness.feed_token(earlier)
            previous = fed[-1] if fed else None
            raise unexpected(previous, lexeme, witness.accepts(), brackets.open) from None
        fed.append(lexeme)
    return result


def _lexemes(source: Source, tokens: Iterator[Any], comments: list[Comment]) -> Iterator[Lexeme]:
    """Give tokens their spans and values; the lexer skips comments, so find them in the gaps."""
    from lark import UnexpectedCharacters

    text = source.text
    end, last = 0, None
    try:
        for token in tokens:
            _collect_comment(source, end, token.start_pos, last, comments)
            span = Span(source, token.start_pos, token.end_pos)
            lexeme = last = Lexeme(token.type, token.value, span)
            if token.type == "NUMBER":
                lexeme.value = number(lexeme.text, span)
            elif token.type == "STRING":
                lexeme.value = string(lexeme.text, span)
            yield lexeme
            end = token.end_pos
    except UnexpectedCharacters as error:
        raise unexpected_character(source, error.pos_in_stream or 0) from None
    _collect_comment(source, end, len(text), last, comments)
    yield Lexeme("$END", "", Span(source, len(text), len(text)))


def _collect_comment(
    source: Source, start: int, end: int, last: Lexeme | None, comments: list[Comment]
) -> None:
    """A gap between two tokens holds blanks and at most one comment, which ends it."""
    at = source.text.find("#", start, end)
    if at >= 0:
        trailing = last is not None and not last.ends_line
        comments.append(Comment(source.text[at:end], Span(source, at, end), trailing))
