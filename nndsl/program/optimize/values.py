"""What is known of a value before anything runs: its shape, and the kind of its numbers."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nndsl.program.optimize.rules import BINARY, FUNCTIONS, REDUCTIONS
from nndsl.program.shapes import Dimension, Dimensions, broadcast, product

Kind = Literal["float", "bool", "int", "other"]  # float: the type that the script calculates with


@dataclass(frozen=True, slots=True)
class Value:
    """An array, or a number where the shape is (). `is_new`: no other name sees its memory."""

    shape: Dimensions
    kind: Kind = "float"
    is_new: bool = True

    @property
    def is_large(self) -> bool:
        """Does it grow with the batch?"""
        return any(isinstance(length, str) for length in self.shape)


NUMBER = Value(())
Known = Mapping[str, Value]


def value_of(node: ast.expr, known: Known) -> Value | None:
    """Return what is known of an expression's value, or None."""
    match node:
        case ast.Constant(value=int() | float()):
            return NUMBER
        case ast.Name(id=name):
            found = known.get(name)
            if found is not None:
                return Value(found.shape, found.kind, found.shape == ())
            return NUMBER if name.isupper() else None
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return _fresh(value_of(operand, known))
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            return _matrix_product(value_of(left, known), value_of(right, known))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
            return _elementwise([left, right], known)
        case ast.BinOp(left=left, right=right):
            sides = value_of(left, known), value_of(right, known)
            return NUMBER if sides == (NUMBER, NUMBER) else None
        case ast.Compare(left=left, comparators=[right]):
            found = _elementwise([left, right], known)
            return Value(found.shape, "bool") if found is not None else None
        case ast.Attribute(value=ast.Name(id="math")) | ast.Attribute(attr="size"):
            return NUMBER
        case ast.Attribute(value=inner, attr="T"):
            found = value_of(inner, known)
            return Value(found.shape[::-1], found.kind, False) if found is not None else None
        case ast.Subscript(value=ast.Attribute(attr="shape")):
            return NUMBER
        case ast.Subscript(value=inner, slice=ast.Tuple(elts=indices)):
            return _indexed(value_of(inner, known), indices, known)
        case ast.Call():
            return _called(node, known)
    return None


def _called(node: ast.Call, known: Known) -> Value | None:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="math"))):
            return NUMBER
        case ast.Call(func=ast.Name(id="max" | "min" | "len" | "float" | "int")):
            return NUMBER
        case ast.Call(func=ast.Attribute(ast.Name("np"), "arange"), args=[ast.Name(count)]):
            return Value((count,), "int")
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr="where"), keywords=[]):
            return _elementwise(node.args, known)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr=name), keywords=[]):
            return _elementwise(node.args, known) if name in FUNCTIONS else None
        case ast.Call(func=ast.Attribute(ast.Attribute(ast.Name("np"), _), "reduce"), args=[x]):
            found = value_of(x, known)
            whole = bool(node.keywords)  # axis=None
            return Value(() if whole else found.shape[1:]) if found is not None else None
        case ast.Call(func=ast.Attribute(attr="random"), args=[ast.Attribute(x, "shape")]):
            found = value_of(x, known)
            return Value(found.shape, "other") if found is not None else None
        case ast.Call(func=ast.Attribute(value=inner, attr=name), args=[]) if name in REDUCTIONS:
            return reduced(value_of(inner, known), node.keywords)
        case ast.Call(func=ast.Attribute(value=inner, attr="copy"), args=[], keywords=[]):
            return _fresh(value_of(inner, known))
    return None


def reduced(value: Value | None, keywords: list[ast.keyword]) -> Value | None:
    """Return what is known of a sum, mean, maximum … of a value."""
    if value is None or value.kind not in ("float", "bool"):
        return None
    if not keywords:
        return NUMBER
    axis, keep = reduced_axis(value, keywords)
    if axis is None:
        return None
    return Value(value.shape[:axis] + ((1,) if keep else ()) + value.shape[axis + 1 :])


def reduced_axis(value: Value, keywords: list[ast.keyword]) -> tuple[int | None, bool]:
    """Return the axis that a reduction takes away, counted from 0, and whether it stays as 1."""
    given = {keyword.arg: keyword.value for keyword in keywords}
    match given.get("axis"):
        case ast.Constant(value=int(axis)):
            pass
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(back))):
            axis = -back
        case _:
            return None, False
    if not -len(value.shape) <= axis < len(value.shape) or set(given) - {"axis", "keepdims"}:
        return None, False
    return axis % len(value.shape), "keepdims" in given


def _elementwise(nodes: list[ast.expr], known: Known) -> Value | None:
    shape: Dimensions | None = ()
    kinds: set[Kind] = set()
    for node in nodes:
        found = value_of(node, known)
        if found is None:
            return None
        shape = broadcast(shape, found.shape)
        if found.shape:
            kinds.add(found.kind)
    if shape is None:
        return None
    is_float = not kinds or ("float" in kinds and kinds <= {"float", "bool"})
    return Value(shape, "float" if is_float else "other")


def _matrix_product(left: Value | None, right: Value | None) -> Value | None:
    if left is None or right is None or {left.kind, right.kind} != {"float"}:
        return None
    if len(left.shape) == 1 and len(right.shape) == 2 and left.shape[0] == right.shape[0]:
        return Value(right.shape[1:])
    shape = product(left.shape, right.shape)
    return Value(shape) if shape is not None else None


def _indexed(value: Value | None, indices: list[ast.expr], known: Known) -> Value | None:
    """`x[rows, t]` picks one number from each row; `x[:, 0:4]` is a view of some columns."""
    if value is None:
        return None
    found = [
        value_of(index, known) if not isinstance(index, ast.Slice) else None for index in indices
    ]
    if 0 < len(indices) <= len(value.shape) and all(
        f is not None and f.kind == "int" and f.shape == value.shape[:1] for f in found
    ):
        return Value((value.shape[0], *value.shape[len(indices) :]), value.kind)
    shape: list[Dimension] = []
    lengths = list(value.shape)
    for index in indices:
        is_new_axis = isinstance(index, ast.Constant) and index.value is None
        if not is_new_axis and not lengths:
            return None
        length = 1 if is_new_axis else lengths.pop(0)
        match index:
            case ast.Slice(lower=None, upper=None, step=None):
                shape.append(length)
            case ast.Constant(value=None):
                shape.append(1)
            case ast.Slice(
                lower=ast.Constant(value=int(start)), upper=ast.Constant(value=int(end)), step=None
            ) if isinstance(length, int) and 0 <= start <= end <= length:
                shape.append(end - start)
            case _:
                return None
    return Value((*shape, *lengths), value.kind, False)


def _fresh(value: Value | None) -> Value | None:
    return Value(value.shape, value.kind) if value is not None else None
