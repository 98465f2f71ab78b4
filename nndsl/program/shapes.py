"""The shapes of names, worked out from statements, for the margin of the script.

Only shapes that follow for certain are said; a test measures every one of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from nndsl.statements import Dimension, Dimensions, Rows, Statement

_ELEMENTWISE = frozenset("exp log log1p expm1 sqrt tanh sin cos sign square negative".split())
_BROADCAST = frozenset(["maximum", "minimum", "where"])
_REDUCTIONS = frozenset(["sum", "mean", "max", "min"])


class Shapes:
    """Knows the shape of names and works out those of new ones."""

    def __init__(self) -> None:
        self._known: dict[str, Dimensions] = {}

    def declare(self, name: str, shape: Dimensions) -> None:
        self._known[name] = shape

    def copy(self, name: str, other: str) -> None:
        if name in self._known:
            self._known[other] = self._known[name]

    def annotate(self, statements: Iterable[Statement]) -> list[Statement]:
        """Give each plain assignment the shape of what it assigns, where that is certain."""
        return [self._annotated(statement) for statement in statements]

    def _annotated(self, statement: Statement) -> Statement:
        if statement.target is None or statement.value is None:
            return statement
        shape = self._known.get(statement.target)
        if shape is None:
            shape = self._of(ast.parse("".join(statement.value), mode="eval").body)
            if shape is not None:
                self._known[statement.target] = shape
        return replace(statement, shape=shape)

    def _of(self, node: ast.expr) -> Dimensions | None:
        match node:
            case ast.Constant(value=int() | float()):
                return ()
            case ast.Name(id=name):
                return () if name.isupper() and name not in self._known else self._known.get(name)
            case ast.UnaryOp(operand=operand):
                return self._of(operand)
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                return product(self._of(left), self._of(right))
            case ast.BinOp(left=left, right=right) | ast.Compare(left=left, comparators=[right]):
                return broadcast(self._of(left), self._of(right))
            case ast.Attribute(value=value, attr="T"):
                shape = self._of(value)
                return shape[::-1] if shape is not None else None
            case ast.Subscript(value=value, slice=ast.Tuple(elts=indices)):
                return widened(self._of(value), indices)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr=name), args=arguments):
                return self._numpy(name, arguments)
            case ast.Call(func=ast.Attribute(value=value, attr=name), keywords=keywords, args=[]):
                return self._method(name, self._of(value), {k.arg: k.value for k in keywords})
            case ast.Call(func=ast.Attribute(attr="reshape"), args=lengths):
                return reshaped(lengths)
            case ast.Call(func=ast.Attribute(value=value, attr="transpose"), args=axes):
                return transposed(self._of(value), axes)
        return None

    def _numpy(self, name: str, arguments: list[ast.expr]) -> Dimensions | None:
        if name in _ELEMENTWISE and len(arguments) == 1:
            return self._of(arguments[0])
        if name in _BROADCAST:
            shape: Dimensions | None = ()
            for argument in arguments:
                shape = broadcast(shape, self._of(argument))
            return shape
        return None

    def _method(
        self, name: str, shape: Dimensions | None, keywords: dict[str | None, ast.expr]
    ) -> Dimensions | None:
        if name not in _REDUCTIONS or shape is None:
            return None
        if not keywords:
            return ()
        axis, keep = keywords.get("axis"), keywords.get("keepdims")
        try:
            at = ast.literal_eval(axis) if axis is not None else None
        except ValueError:
            return None
        if not isinstance(at, int) or not -len(shape) <= at < len(shape):
            return None
        at %= len(shape)
        return shape[:at] + ((1,) if keep is not None else ()) + shape[at + 1 :]


def widened(shape: Dimensions | None, indices: list[ast.expr]) -> Dimensions | None:
    """Return the shape that `b[:, None]` makes: axes of one number between the others."""
    codes = [ast.unparse(index) for index in indices]
    if shape is None or set(codes) != {":", "None"} or codes.count(":") > len(shape):
        return None
    lengths = iter(shape)
    return (*(next(lengths) if code == ":" else 1 for code in codes), *lengths)


def reshaped(lengths: list[ast.expr]) -> Dimensions | None:
    """Return the shape that `reshape(N, 30, 24)` makes, of whatever has as many numbers."""
    found = [length_of(length) for length in lengths]
    made = [length for length in found if length is not None and length != -1]
    return tuple(made) if len(made) == len(found) else None


def length_of(node: ast.expr) -> Dimension | None:
    """Return the length that an expression says: `64`, `-1`, `N`, `576 * N` …"""
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)):
            return -1
        case ast.Name(id="N"):
            return Rows()
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            sides = [side for side in (length_of(left), length_of(right)) if side is not None]
            return length(size(sides)) if len(sides) == 2 else None
    return None


def size(lengths: Iterable[Dimension]) -> tuple[int, int]:
    """Return the product of lengths as (factor, power): factor * N**power."""
    factor, power = 1, 0
    for length in lengths:
        if isinstance(length, Rows):
            factor, power = factor * length.each, power + 1
        else:
            factor *= length
    return factor, power


def length(size: tuple[int, int]) -> Dimension | None:
    """Return such a product as a length, if it is one."""
    factor, power = size
    if power > 1:
        return None
    return Rows(factor) if power else factor


def transposed(shape: Dimensions | None, axes: list[ast.expr]) -> Dimensions | None:
    """Return the shape that `transpose(0, 2, 1)` makes."""
    order = [axis.value for axis in axes if isinstance(axis, ast.Constant)]
    if shape is None or sorted(map(str, order)) != [str(at) for at in range(len(shape))]:
        return None
    return tuple(shape[int(str(at))] for at in order)


def product(left: Dimensions | None, right: Dimensions | None) -> Dimensions | None:
    """Return the shape of `left @ right`: a product of matrices for each of the axes before."""
    if left is None or right is None or min(len(left), len(right)) < 2 or left[-1] != right[-2]:
        return None
    before = broadcast(left[:-2], right[:-2])
    return (*before, left[-2], right[-1]) if before is not None else None


def broadcast(left: Dimensions | None, right: Dimensions | None) -> Dimensions | None:
    if left is None or right is None:
        return None
    short, long = sorted((left, right), key=len)
    padded = (1,) * (len(long) - len(short)) + tuple(short)
    joined = tuple(b if a == 1 else a for a, b in zip(padded, long, strict=True))
    fits = all(a in (1, c) and b in (1, c) for a, b, c in zip(padded, long, joined, strict=True))
    return joined if fits else None
