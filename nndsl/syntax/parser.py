"""From text to tree."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TYPE_CHECKING, Any

from nndsl.diagnostics import Findings
from nndsl.source import Source, Span
from nndsl.syntax.builder import Builder
from nndsl.syntax.driver import drive
from nndsl.syntax.expectation import unexpected
from nndsl.syntax.grammar import load
from nndsl.syntax.lexeme import Brackets, Fault, Lexeme, number, string, unexpected_character
from nndsl.syntax.tree import Comment, Statement, Tree, Value

if TYPE_CHECKING:
    from lark import Token

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
    brackets = Brackets()

    def read(tokens: Iterator[Token]) -> Iterator[Lexeme]:
        return _lexemes(source, tokens, brackets, comments)

    def complain(previous: Lexeme | None, found: Lexeme, accepted: Set[str]) -> Fault:
        return unexpected(previous, found, accepted, brackets.open)

    grammar = load("nn", Builder, "start", "value")
    return drive(grammar, start, source, read, complain, unexpected_character)


def _lexemes(
    source: Source, tokens: Iterator[Any], brackets: Brackets, comments: list[Comment]
) -> Iterator[Lexeme]:
    """Give tokens spans and values, drop line ends inside ( and [, collect the comments."""
    end, last = 0, None
    for token in tokens:
        span = Span(source, token.start_pos, token.end_pos)
        _collect_comment(source, end, span.start, last, comments)
        lexeme = last = Lexeme(token.type, token.value, span)
        end = span.end
        if "\n" in lexeme.text and brackets.join_lines:
            continue
        brackets.meet(
            lexeme,
            operator=lexeme.type in _OPERATORS,
            separator=lexeme.type in _SEPARATORS,
        )
        if lexeme.type == "NUMBER":
            lexeme.value = number(lexeme.text, span)
        elif lexeme.type == "STRING":
            lexeme.value = string(lexeme.text, span)
        yield lexeme


def _collect_comment(
    source: Source, start: int, end: int, last: Lexeme | None, comments: list[Comment]
) -> None:
    """A gap between two tokens holds blanks and at most one comment, which ends it."""
    at = source.text.find("#", start, end)
    if at >= 0:
        trailing = last is not None and not last.ends_line
        comments.append(Comment(source.text[at:end], Span(source, at, end), trailing))
