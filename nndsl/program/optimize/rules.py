"""The tables of the passes: which functions of numpy do the same work, written otherwise."""

from __future__ import annotations

import ast

# Operators between arrays: the function of numpy, and the sign of the form in place.
BINARY: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("add", "+"),
    ast.Sub: ("subtract", "-"),
    ast.Mult: ("multiply", "*"),
    ast.Div: ("divide", "/"),
}
COMMUTATIVE = frozenset(["add", "multiply", "maximum", "minimum"])
# Functions that treat each number alone, take `out=` and put out numbers of the type they take.
FUNCTIONS = frozenset(
    "exp expm1 log log1p sqrt tanh sin cos sign square negative maximum minimum".split()
)
REDUCTIONS = {"sum": "add", "mean": "add", "max": "maximum", "min": "minimum"}

# Methods and functions whose result shares no memory with what they are given.
COPYING = frozenset(["concatenate", "where", "clip", "zeros_like", "full_like", "copy"])
NARROW = 16  # columns up to which the maximum of each row is found faster column by column


def is_elementwise(node: ast.expr) -> bool:
    """Is an expression one operation of the tables, on each number alone?"""
    match node:
        case ast.BinOp(op=op):
            return type(op) in BINARY
        case ast.UnaryOp(op=ast.USub()):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr=name), keywords=[]):
            return name in FUNCTIONS
    return False


def is_operation(node: ast.expr) -> bool:
    """Is an expression one operation of the tables: on each number alone, or a matrix product?"""
    is_product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)
    return is_product or is_elementwise(node) or is_layout(node)


def is_layout(node: ast.expr) -> bool:
    """Does an expression make an array without arithmetic: of zeros, of parts, by a reshape?"""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr=name)):
            return name in ("zeros_like", "empty_like", "stack")
        case ast.Call(func=ast.Attribute(attr="reshape")):
            return True  # it is asked where the result is new: then it copies
    return False


def looked_at(node: ast.expr) -> ast.expr | None:
    """Return what `x.reshape(…)`, `x.transpose(…)` and `x.T` look at, else None."""
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr="reshape" | "transpose")):
            return inner
        case ast.Attribute(value=inner, attr="T"):
            return inner
    return None
