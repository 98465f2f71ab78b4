"""How a value is written on one line."""

from __future__ import annotations

import json
import re

from nndsl.syntax.lexeme import Fault, number
from nndsl.syntax.tree import (
    Argument,
    Binary,
    Boolean,
    Group,
    Number,
    Reference,
    Sequence,
    String,
    Unary,
    Value,
)

_SUM, _PRODUCT, _SIGNED, _POWER, _ATOM = range(5)
_BINDING = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "//": _PRODUCT, "%": _PRODUCT}
_NUMBER = re.compile(r"-?([0-9]+(_[0-9]+)*\.?|(?=\.[0-9]))([0-9]+(_[0-9]+)*)?([eE][+-]?[0-9_]+)?")


def spell(value: Value) -> str:
    """Return the text of a value; parentheses are added where the tree needs more than it has."""
    return _spell(value, _SUM)


def spell_arguments(arguments: tuple[Argument, ...] | None) -> str:
    """Return `(a, name=b)`, or nothing where there are no parentheses."""
    return "" if arguments is None else f"({', '.join(map(spell_argument, arguments))})"


def spell_argument(argument: Argument) -> str:
    name = f"{argument.name.text}=" if argument.name else ""
    return name + spell(argument.value)


def _spell(value: Value, least: int) -> str:
    """Return the text of a value that must bind at least as tightly as `least`."""
    text, binding = _bound(value)
    return text if binding >= least else f"({text})"


def _bound(value: Value) -> tuple[str, int]:
    match value:
        case Number():
            text = _spell_number(value)
            return text, _SIGNED if text.startswith("-") else _ATOM
        case String():
            return json.dumps(value.value, ensure_ascii=False), _ATOM
        case Boolean():
            return "true" if value.value else "false", _ATOM
        case Group():
            return f"({spell(value.inner)})", _ATOM
        case Reference():
            return value.name.text + spell_arguments(value.arguments), _ATOM
        case Sequence(items, is_list):
            text = ", ".join(map(spell, items))
            if is_list:
                return f"[{text}]", _ATOM
            return f"({text},)" if len(items) == 1 else f"({text})", _ATOM
        case Unary():
            return value.operator + _spell(value.operand, _SIGNED), _SIGNED
        case Binary("**"):
            return f"{_spell(value.left, _ATOM)}**{_spell(value.right, _SIGNED)}", _POWER
        case Binary():
            binding = _BINDING[value.operator]
            left, right = _spell(value.left, binding), _spell(value.right, binding + 1)
            return f"{left} {value.operator} {right}", binding


def _spell_number(node: Number) -> str:
    """Keep the spelling of the source (`1e-4`, `100_000`) where it is one of this number."""
    written = node.span.text
    try:
        if _NUMBER.fullmatch(written):
            value = number(written, node.span)
            if value == node.value and type(value) is type(node.value):
                return written
    except Fault:
        pass
    return repr(node.value)
