"""The grammar, and from its rules to tree nodes: one method a rule, called as it is reduced."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from nndsl.resources import read_text
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.syntax.lexeme import Lexeme
from nndsl.syntax.machine import Grammar

SPEC, VALUE = "start", "value"  # the rules that a whole text may go by


@cache
def grammar() -> Grammar:
    """Return the grammar of the language, ready to run."""
    return Grammar(json.loads(read_text("grammar", "nn.table.json")), _Builder())


@dataclass(slots=True)
class _Arguments:
    items: tuple[ast.Argument, ...]
    span: Span


Children = list[Any]  # lexemes, nodes and _Arguments, in the order of the grammar's rule


class _Builder:
    """The method of a rule takes the parts of its match, all tokens included."""

    def start(self, parts: Children) -> tuple[ast.Statement, ...]:
        return _nodes(parts)

    def setting(self, parts: Children) -> ast.Setting:
        equal = next(at for at, part in enumerate(parts) if part.text == "=")
        name, *others = (_name(part) for part in parts[:equal:2])
        value, body = self._given(parts[equal + 1 :])
        return ast.Setting(name, value, _span(parts), body, tuple(others))

    def call(self, parts: Children) -> ast.Call:
        if len(parts) == 2 and isinstance(parts[1], Lexeme):  # a text needs no parentheses
            text = self.string(parts[1:])
            parts[1:] = [_Arguments((ast.Argument(None, text, text.span),), text.span)]
        return ast.Call(_name(parts[0]), *_tail(parts[1:]), _span(parts))

    def declaration(self, parts: Children) -> ast.Declaration:
        word, name = _name(parts[0]), _name(parts[1])
        if len(parts) > 3 and isinstance(parts[2], Lexeme):
            value, body = self._given(parts[3:])
            return ast.Declaration(word, name, value, None, body, _span(parts))
        return ast.Declaration(word, name, None, *_tail(parts[2:]), _span(parts))

    def _given(self, parts: Children) -> tuple[ast.Value, ast.Body | None]:
        """Return what stands behind `=`: a value, or the name of a call with a body."""
        if not isinstance(parts[-1], ast.Body):
            return parts[0], None
        return self.reference(parts[:-1]), parts[-1]

    def comparison(self, parts: Children) -> ast.Comparison:
        name, operator, value = parts
        return ast.Comparison(_name(name), operator.text, value, _span(parts))

    def body(self, parts: Children) -> ast.Body:
        return ast.Body(_nodes(parts), _span(parts))

    def arguments(self, parts: Children) -> _Arguments:
        return _Arguments(_nodes(parts), _span(parts))

    def argument(self, parts: Children) -> ast.Argument:
        name = _name(parts[0]) if len(parts) == 3 else None
        return ast.Argument(name, parts[-1], _span(parts))

    def value(self, parts: Children) -> ast.Value:
        first, *others = parts
        operators = (operator.text for operator in others[::2])
        rest = tuple(zip(operators, others[1::2], strict=True))
        return ast.Operation(first, rest, _span(parts)) if rest else first

    sum = product = power = value

    def unary(self, parts: Children) -> ast.Unary:
        operator, operand = parts
        return ast.Unary(operator.text, operand, _span(parts))

    def number(self, parts: Children) -> ast.Number | ast.Hole:
        """A literal that is spelt wrongly has no value."""
        value, span = parts[0].value, parts[0].span
        return ast.Hole(span) if value is None else ast.Number(value, span)

    def string(self, parts: Children) -> ast.String | ast.Hole:
        value, span = parts[0].value, parts[0].span
        return ast.Hole(span) if value is None else ast.String(value, span)

    def boolean(self, parts: Children) -> ast.Boolean:
        return ast.Boolean(parts[0].type == "TRUE", parts[0].span)

    def reference(self, parts: Children) -> ast.Reference:
        arguments, _ = _tail(parts[1:])
        return ast.Reference(_name(parts[0]), arguments, _span(parts))

    def group(self, parts: Children) -> ast.Group:
        return ast.Group(parts[1], _span(parts))

    def sequence(self, parts: Children) -> ast.Sequence:
        return ast.Sequence(_nodes(parts), parts[0].text == "[", _span(parts))


def _nodes(parts: Children) -> tuple[Any, ...]:
    return tuple(part for part in parts if not isinstance(part, Lexeme))


def _name(lexeme: Lexeme) -> ast.Name:
    return ast.Name(lexeme.text, lexeme.span)


def _span(parts: Children) -> Span:
    first: Span = parts[0].span
    last: Span = parts[-1].span
    return first.to(last)


def _tail(parts: Children) -> tuple[tuple[ast.Argument, ...] | None, ast.Body | None]:
    arguments = body = None
    for part in parts:
        if isinstance(part, _Arguments):
            arguments = part.items
        else:
            body = part
    return arguments, body
