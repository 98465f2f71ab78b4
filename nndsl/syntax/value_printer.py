"""How a value is written on one line."""

import json
import re

from nndsl.syntax import ast
from nndsl.syntax.lexeme import Fault, number

_COMPARISON, _SUM, _PRODUCT, _SIGNED, _POWER, _ATOM = range(6)
_BINDING = {
    **dict.fromkeys(["<", "<=", ">", ">=", "==", "!="], _COMPARISON),
    **dict.fromkeys(["+", "-"], _SUM),
    **dict.fromkeys(["*", "/", "//", "%", "@"], _PRODUCT),
}
_NUMBER = re.compile(r"-?([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)([eE][+-]?[0-9][0-9_]*)?")


def print_value(value: ast.Value, *, tight: bool = False) -> str:
    """Return the text of a value; parentheses are added where the tree needs more than it has.

    `tight` leaves out the blanks around operators.
    """
    return _print(value, _COMPARISON, tight)


def print_arguments(arguments: tuple[ast.Argument, ...] | None, *, tight: bool = False) -> str:
    """Return `(a, name=b)`, or nothing where there are no parentheses."""
    if arguments is None:
        return ""
    return f"({', '.join(print_argument(argument, tight=tight) for argument in arguments)})"


def print_argument(argument: ast.Argument, *, tight: bool = False) -> str:
    """Return `value` or `name=value`; a named value is as tight as its `=`: `scale=1/255`."""
    if argument.name is None:
        return print_value(argument.value, tight=tight)
    return f"{argument.name.text}={print_value(argument.value, tight=True)}"


def _print(value: ast.Value, least: int, tight: bool) -> str:
    """Return the text of a value that must bind at least as closely as `least`."""
    text, binding = _bound(value, tight)
    return text if binding >= least else f"({text})"


def _bound(value: ast.Value, tight: bool) -> tuple[str, int]:
    match value:
        case ast.Number():
            text = _print_number(value)
            return text, _SIGNED if text.startswith("-") else _ATOM
        case ast.String():
            return json.dumps(value.value, ensure_ascii=False), _ATOM
        case ast.Boolean():
            return "true" if value.value else "false", _ATOM
        case ast.Group():
            return f"({print_value(value.inner, tight=tight)})", _ATOM
        case ast.Reference():
            return value.name.text + print_arguments(value.arguments, tight=tight), _ATOM
        case ast.Sequence(items, is_list):
            text = ", ".join(print_value(item, tight=tight) for item in items)
            if is_list:
                return f"[{text}]", _ATOM
            return f"({text},)" if len(items) == 1 else f"({text})", _ATOM
        case ast.Hole():
            return value.span.text, _ATOM
        case ast.Unary():
            return value.operator + _print(value.operand, _SIGNED, tight), _SIGNED
        case ast.Operation(base, (("**", exponent),)):
            return f"{_print(base, _ATOM, tight)}**{_print(exponent, _SIGNED, tight)}", _POWER
        case ast.Operation(first, rest):
            binding, blank = _BINDING[rest[0][0]], "" if tight else " "
            text = _print(first, binding + 1, tight)
            for operator, operand in rest:
                text += f"{blank}{operator}{blank}{_print(operand, binding + 1, tight)}"
            return text, binding


def _print_number(node: ast.Number) -> str:
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
