"""What is known of a value before anything runs: its shape, kind, and order in memory."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nndsl.program.optimize.rules import BINARY, FUNCTIONS, REDUCTIONS
from nndsl.program.optimize.views import (
    Order,
    axes_of,
    copies,
    reshaped,
    transposed,
    without_first,
)
from nndsl.program.shapes import broadcast, length_of, product
from nndsl.statements import Dimension, Dimensions, Rows

Kind = Literal["float", "bool", "int", "other"]  # float: the type that the script calculates with


@dataclass(frozen=True, slots=True)
class Value:
    """An array, or a number where the shape is (). `is_new`: no other name sees its memory.

    `order` is None where it is not known in which order the axes lie in memory.
    """

    shape: Dimensions
    kind: Kind = "float"
    is_new: bool = True
    order: Order | None = ()

    @property
    def is_large(self) -> bool:
        """Does it grow with the batch?"""
        return any(isinstance(length, Rows) for length in self.shape)


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
                return Value(found.shape, found.kind, found.shape == (), found.order)
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
            return replace(found, kind="bool") if found is not None else None
        case ast.Attribute(value=ast.Name(id="math")) | ast.Attribute(attr="size"):
            return NUMBER
        case ast.Attribute(value=inner, attr="T"):
            found = value_of(inner, known)
            return _transposed(found, range(len(found.shape))[::-1]) if found is not None else None
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
        case ast.Call(func=ast.Attribute(value=inner, attr="reshape"), args=lengths, keywords=[]):
            return _reshaped(value_of(inner, known), lengths, known)
        case ast.Call(func=ast.Attribute(value=inner, attr="transpose"), args=arguments):
            found = value_of(inner, known)
            axes = axes_of(arguments, len(found.shape)) if found is not None else None
            return _transposed(found, axes) if found is not None and axes is not None else None
        case ast.Call(func=ast.Attribute(ast.Name("np"), "stack"), args=[ast.List(parts)]):
            return _stacked([value_of(part, known) for part in parts], node.keywords)
        case ast.Call(
            func=ast.Attribute(ast.Name("np"), "zeros_like" | "empty_like"), args=[x], keywords=[]
        ):
            return _fresh(value_of(x, known))
        case ast.Call(func=ast.Attribute(ast.Name("np"), "full"), args=[ast.Tuple(sides), _, _]):
            lengths_found = [length_of(side) for side in sides]
            shape = tuple(length for length in lengths_found if length is not None)
            return Value(shape) if len(shape) == len(sides) else None
        case ast.Call(func=ast.Attribute(ast.Name("np"), "triu" | "tril"), args=[x, *_]):
            return _fresh(value_of(x, known))
        case ast.Call(func=ast.Name(id="max" | "min" | "len" | "float" | "int")):
            return NUMBER
        case ast.Call(func=ast.Attribute(ast.Name("np"), "arange"), args=[ast.Name("N")]):
            return Value((Rows(),), "int")
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
            found = value_of(inner, known)
            return Value(found.shape, found.kind) if found is not None else None
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
    shape = value.shape[:axis] + ((1,) if keep else ()) + value.shape[axis + 1 :]
    return Value(shape, order=() if value.order == () or len(shape) < 2 else None)


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
    values = [value_of(node, known) for node in nodes]
    orders = {value.order for value in values if value is not None and value.shape == shape}
    order = orders.pop() if len(orders) == 1 else None if orders else ()
    return Value(shape, "float" if is_float else "other", order=order)


def _matrix_product(left: Value | None, right: Value | None) -> Value | None:
    if left is None or right is None or {left.kind, right.kind} != {"float"}:
        return None
    if len(left.shape) == 1 and len(right.shape) == 2 and left.shape[0] == right.shape[0]:
        return Value(right.shape[1:])
    if len(left.shape) == 2 and len(right.shape) == 1 and left.shape[1] == right.shape[0]:
        return Value(left.shape[:1])
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
    return Value((*shape, *lengths), value.kind, False, () if value.order == () else None)


def unpacked(value: Value | None, count: int) -> Value | None:
    """Return what is known of each of `a, b, c = value`."""
    if value is None or not value.shape or value.shape[0] != count:
        return None
    order = without_first(value.order, len(value.shape))
    return Value(value.shape[1:], value.kind, len(value.shape) == 1, order)


def _transposed(value: Value, axes: Sequence[int]) -> Value:
    shape = tuple(value.shape[axis] for axis in axes)
    return Value(shape, value.kind, False, transposed(value.shape, value.order, axes))


def _reshaped(value: Value | None, arguments: list[ast.expr], known: Known) -> Value | None:
    """A result that must be a copy is new; any other may share the memory."""
    match arguments:
        case [ast.Attribute(value=other, attr="shape")]:
            found = value_of(other, known)
            shape = found.shape if found is not None else None
        case _:
            lengths = [length_of(argument) for argument in arguments]
            given = [length for length in lengths if length is not None]
            whole = value.shape if value is not None else None
            shape = reshaped(whole, given) if len(given) == len(lengths) else None
    if value is None or shape is None:
        return None
    return Value(shape, value.kind, copies(value.shape, value.order, shape))


def _stacked(parts: list[Value | None], keywords: list[ast.keyword]) -> Value | None:
    first = parts[0] if parts else None
    if first is None or keywords:
        return None
    if any(part is None or part.shape != first.shape or part.order != () for part in parts):
        return None
    return Value((len(parts), *first.shape), first.kind)


def _fresh(value: Value | None) -> Value | None:
    return Value(value.shape, value.kind, order=value.order) if value is not None else None
