"""From grammar rules to tree nodes: one method a rule, called as the parser reduces it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nndsl.source import Span
from nndsl.syntax.lexeme import Lexeme
from nndsl.syntax.tree import (
    Argument,
    Body,
    Boolean,
    Call,
    Comparison,
    Declaration,
    Group,
    Hole,
    Name,
    Number,
    Operation,
    Reference,
    Sequence,
    Setting,
    Statement,
    String,
    Unary,
    Value,
)


@dataclass(slots=True)
class _Arguments:
    items: tuple[Argument, ...]
    span: Span


Children = list[Any]  # lexemes, nodes and _Arguments, in the order of the grammar's rule


class Builder:
    """The method of a rule takes the parts of its match, all tokens included."""

    def start(self, parts: Children) -> tuple[Statement, ...]:
        return _nodes(parts)

    def setting(self, parts: Children) -> Setting:
        name, _, value = parts
        return Setting(_name(name), value, _span(parts))

    def call(self, parts: Children) -> Call:
        return Call(_name(parts[0]), *_tail(parts[1:]), _span(parts))

    def declaration(self, parts: Children) -> Declaration:
        word, name = _name(parts[0]), _name(parts[1])
        if len(parts) == 4 and isinstance(parts[2], Lexeme):
            return Declaration(word, name, parts[3], None, None, _span(parts))
        return Declaration(word, name, None, *_tail(parts[2:]), _span(parts))

    def comparison(self, parts: Children) -> Comparison:
        name, operator, value = parts
        return Comparison(_name(name), operator.text, value, _span(parts))

    def body(self, parts: Children) -> Body:
        return Body(_nodes(parts), _span(parts))

    def arguments(self, parts: Children) -> _Arguments:
        return _Arguments(_nodes(parts), _span(parts))

    def argument(self, parts: Children) -> Argument:
        name = _name(parts[0]) if len(parts) == 3 else None
        return Argument(name, parts[-1], _span(parts))

    def value(self, parts: Children) -> Value:
        first, *others = parts
        operators = (operator.text for operator in others[::2])
        rest = tuple(zip(operators, others[1::2], strict=True))
        return Operation(first, rest, _span(parts)) if rest else first

    product = power = value

    def unary(self, parts: Children) -> Unary:
        operator, operand = parts
        return Unary(operator.text, operand, _span(parts))

    def number(self, parts: Children) -> Number | Hole:
        """A literal that is spelt wrongly has no value."""
        value, span = parts[0].value, parts[0].span
        return Hole(span) if value is None else Number(value, span)

    def string(self, parts: Children) -> String | Hole:
        value, span = parts[0].value, parts[0].span
        return Hole(span) if value is None else String(value, span)

    def boolean(self, parts: Children) -> Boolean:
        return Boolean(parts[0].type == "TRUE", parts[0].span)

    def reference(self, parts: Children) -> Reference:
        arguments, _ = _tail(parts[1:])
        return Reference(_name(parts[0]), arguments, _span(parts))

    def group(self, parts: Children) -> Group:
        return Group(parts[1], _span(parts))

    def sequence(self, parts: Children) -> Sequence:
        return Sequence(_nodes(parts), parts[0].text == "[", _span(parts))


def _nodes(parts: Children) -> tuple[Any, ...]:
    return tuple(part for part in parts if not isinstance(part, Lexeme))


def _name(lexeme: Lexeme) -> Name:
    return Name(lexeme.text, lexeme.span)


def _span(parts: Children) -> Span:
    first: Span = parts[0].span
    last: Span = parts[-1].span
    return first.to(last)


def _tail(parts: Children) -> tuple[tuple[Argument, ...] | None, Body | None]:
    arguments = body = None
    for part in parts:
        if isinstance(part, _Arguments):
            arguments = part.items
        else:
            body = part
    return arguments, body
