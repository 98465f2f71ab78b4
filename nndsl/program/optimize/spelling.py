"""Writes expressions as code; what stands here is all that the passes take apart."""

from __future__ import annotations

import ast

_SIGNS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 1),
    ast.Sub: ("-", 1),
    ast.Mult: ("*", 2),
    ast.Div: ("/", 2),
    ast.FloorDiv: ("//", 2),
    ast.MatMult: ("@", 2),
    ast.Pow: ("**", 4),
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


class Unspoken(Exception):
    """An expression has a part that is not in the table: the statement stays as it stands."""


def spell(node: ast.expr, tightness: int = 0) -> str:
    """Return the code of an expression, in parentheses where its place binds tighter. Unspoken."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Constant(value=bool() | int() | None):
            return repr(node.value)
        case ast.Constant(value=float(value)):
            return repr(value).replace("e-0", "e-").replace("e+0", "e+")
        case ast.Attribute(value=inner, attr=name):
            return f"{spell(inner, 9)}.{name}"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _enclosed(f"-{spell(operand, 3)}", 3, tightness)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
            sign, own = _SIGNS[type(op)]
            sides = (own + 1, own) if sign == "**" else (own, own + 1)
            space = "" if sign == "**" else " "
            code = f"{spell(left, sides[0])}{space}{sign}{space}{spell(right, sides[1])}"
            return _enclosed(code, own, tightness)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            code = f"{spell(left, 1)} {_COMPARISONS[type(op)]} {spell(right, 1)}"
            return _enclosed(code, 0, tightness)
        case ast.Call(func=function, args=arguments, keywords=keywords):
            parts = [spell(argument) for argument in arguments]
            parts += [f"{keyword.arg}={spell(keyword.value)}" for keyword in keywords]
            return f"{spell(function, 9)}({', '.join(parts)})"
        case ast.Subscript(value=inner, slice=ast.Tuple(elts=indices)):
            return f"{spell(inner, 9)}[{', '.join(map(_index, indices))}]"
        case ast.Subscript(value=inner, slice=index):
            return f"{spell(inner, 9)}[{_index(index)}]"
        case ast.List(elts=items):
            return f"[{', '.join(map(spell, items))}]"
        case ast.Tuple(elts=items):
            return f"({', '.join(map(spell, items))}{',' * (len(items) == 1)})"
    raise Unspoken(type(node).__name__)


def _index(node: ast.expr) -> str:
    if isinstance(node, ast.Slice) and node.step is None:
        ends = [spell(end) if end is not None else "" for end in (node.lower, node.upper)]
        return ":".join(ends)
    return spell(node)


def _enclosed(code: str, own: int, tightness: int) -> str:
    return f"({code})" if own < tightness else code
