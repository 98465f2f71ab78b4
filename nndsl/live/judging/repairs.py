"""What makes a line right: a small change of its expression, found by trying.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

import ast
import contextlib
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from itertools import combinations, islice, product
from typing import Any

import numpy as np

from nndsl.live.judging.assignments import Assigned, name_of
from nndsl.live.judging.causes import Arrays, is_close, numbers
from nndsl.live.judging.computing import FAILED, Computing
from nndsl.live.judging.observation import Array

# --- What makes a line right ---------------------------------------------------------

OTHERWISE: Mapping[type[ast.AST], list[tuple[ast.operator, str]]] = {  # and what is said of it
    ast.Add: [(ast.Sub(), "is to be subtracted, and is added")],
    ast.Sub: [(ast.Add(), "is to be added, and is subtracted")],
    ast.Mult: [(ast.Div(), "")],
    ast.Div: [(ast.Mult(), "")],
}
MIRRORED: Mapping[type[ast.AST], ast.cmpop] = {
    **{ast.Gt: ast.Lt(), ast.GtE: ast.LtE()},
    **{ast.Lt: ast.Gt(), ast.LtE: ast.GtE()},
}
NOTHING = np.zeros(0)  # what cannot be computed
TOO_MANY = "is a factor too many"
OTHER_SUMS = {"sum": "mean", "mean": "sum"}
FORGOTTEN = ("x**2", "(x > 0)", "-x", "2 * x")
FORGOTTEN_FUNCTIONS = ("np.tanh", "np.exp", "np.log", "np.sqrt")
SLOPES = ("x", "1 - x", "1 - x**2", "x * (1 - x)", "(x > 0)")  # that are forgotten as factors
MOST_TRIED = 20  # variables, for a factor or a term
LONGEST_SAID = 120  # characters
DEEPEST_STEPS = 10  # of variables that are made of others
Tried = tuple[str, ast.expr]  # what it would say, and an expression in the place of another


def repair(
    known: Assigned,
    name: str,
    arrays: Arrays,
    others: Collection[str],
    is_own: Callable[[str], bool],
    actual: Array | None,
    right: Array,
) -> str:
    """Say what small change of what a variable is given makes it right. Empty: none is found.

    It is `actual` now; None: that line fails.

    `arrays` are what variables are there, `others` those that may be meant, the likeliest first,
    and `is_own` tells which the page does not have: what these are made of may be what is wrong.
    """
    try:
        given, filled = _given(known, name, is_own), known.filled.get(name, "")
        rates = dict(_rates(known))
        for before in ({}, {filled: np.zeros_like(right)} if filled else {}):
            tried = _Tried(known, {**rates, **arrays, **before}, given)
            if right.any() and tried.is_now(actual):
                return next(tried.repairs(right, (*others, *rates)), "")
    except FAILED:  # it is made of what nobody knows, or to compute it takes long
        pass
    return ""


def _rates(known: Assigned) -> Iterator[tuple[str, Array]]:
    """Yield the numbers of a script that have a point: others are sizes."""
    for name, value in known.defined.items():
        match value:
            case ast.Constant(float() as number):
                yield name, np.array(number)


def _given(known: Assigned, name: str, is_own: Callable[[str], bool]) -> ast.expr:
    """Return the expression that a variable is given last, with what is made before in its place.

    LookupError: it is given a part, or by what is no expression.
    """

    def given(name: str, before: float, depth: int) -> ast.expr:
        last = [one for one in known.given.get(name, ()) if one.line < before][-1]
        if last.value is None or depth > DEEPEST_STEPS or (depth and known.filled.get(name)):
            raise LookupError

        def instead(node: ast.Name) -> ast.expr:
            if node.id == name or is_own(node.id):
                with contextlib.suppress(LookupError):
                    return given(node.id, last.line, depth + 1)
            return node

        return _with_names(last.value, instead)

    return given(name, math.inf, 0)


class _Tried:
    """An expression, and what comes of it with another part."""

    def __init__(self, known: Assigned, arrays: Arrays, expression: ast.expr) -> None:
        self.expression, self.arrays = expression, arrays
        self.computing = Computing(known, arrays)
        self.value: Array | None = None
        with contextlib.suppress(*FAILED):
            self.value = numbers(np.asarray(self.computing.value(expression)))
        self.values = {**self.computing.values}  # of the parts
        self.parents = {
            part: parent for parent in ast.walk(expression) for part in ast.iter_child_nodes(parent)
        }

    def is_now(self, actual: Array | None) -> bool:
        """Does the expression give this? None: it cannot be computed."""
        if self.value is None or actual is None:
            return self.value is actual
        return self.value.shape == actual.shape and is_close(self.value, actual)

    def repairs(self, right: Array, others: Collection[str]) -> Iterator[str]:
        """Yield what to say of each other expression that gives what is right."""
        nodes = (node for node in ast.walk(self.expression) if isinstance(node, ast.expr))
        arrays = {node: self.values.get(node, NOTHING) for node in nodes}
        parts = [n for n, a in arrays.items() if isinstance(a, np.ndarray | np.generic)]
        shown = {part: _shown(part) for part in sorted(parts, key=lambda n: len(ast.unparse(n)))}
        meant = {name: self.arrays[name] for name in others if name in self.arrays}
        for kind in TRIED:
            for part, text in shown.items():
                for said, other in kind(part, np.asarray(arrays[part]), meant):
                    said = said or f"{text} stands where {_shown(other)} should"
                    if len(said) <= LONGEST_SAID and self._gives(part, other, right):
                        yield said

    def _gives(self, part: ast.expr, other: ast.expr, right: Array) -> bool:
        """Is the expression right with another part?"""
        above: Any = part
        known = self.computing.values = {**self.values}
        with contextlib.suppress(*FAILED):
            made = self.computing.value(other)
            while above is not None:
                known.pop(above, None)
                above = self.parents.get(above)
            known[part] = made
            value = numbers(np.asarray(self.computing.value(self.expression)))
            return value.shape == right.shape and is_close(value, right)
        return False


# --- What may be meant by a part ---------------------------------------------------------


def _other_operations(part: ast.expr, value: Array, arrays: Arrays) -> Iterator[Tried]:
    """Yield other operations, or none."""
    match part:
        case ast.BinOp(left, ast.MatMult() as op, right):
            yield "`*` is meant, number by number, and not `@`", ast.BinOp(left, ast.Mult(), right)
            (one, first), (other, second) = _with_transpose(left), _with_transpose(right)
            for turned in product((other, second), (one, first)):
                said = f"{_shown(one)} and {_shown(other)} are in the wrong order"
                yield said, ast.BinOp(turned[0], op, turned[1])
        case ast.BinOp(left, op, right):
            for other_op, said in OTHERWISE.get(type(op), ()):
                yield said and f"{_shown(right)} {said}", ast.BinOp(left, other_op, right)
            yield "", ast.BinOp(right, op, left)
            for one, other in ((left, right), (right, left)):
                yield f"{_shown(other)} {TOO_MANY}" if isinstance(op, ast.Mult) else "", one
        case ast.Compare(one, [op], others):
            yield "", ast.Compare(one, [MIRRORED[type(op)]], others)
        case ast.Attribute(of, "T"):
            yield f"a transpose of {_shown(of)} is missing, or one too many", of
        case ast.UnaryOp(_, of):
            yield "", of
        case ast.Call(ast.Attribute(of, attr) as func, args, keywords):
            if attr in OTHER_SUMS:
                yield "", ast.Call(ast.Attribute(of, OTHER_SUMS[attr]), args, keywords)
            said = f"np.{attr} is taken once too often" if args else ""
            yield from ((said, one) for one in (*args, of))
            rest = [keyword for keyword in keywords if keyword.arg != "axis"]
            for axis in (0, -1):
                yield "", ast.Call(func, args, [ast.keyword("axis", ast.Constant(axis)), *rest])


def _other_variables(part: ast.expr, value: Array, arrays: Arrays) -> Iterator[Tried]:
    """Yield other variables of the same shape."""
    if name_of(part) or isinstance(part, ast.Subscript):
        yield from (("", _parsed(name)) for name, a in arrays.items() if a.shape == value.shape)


def _one_hot(part: ast.expr, value: Array, arrays: Arrays) -> Iterator[Tried]:
    """Yield rows in the place of numbers of classes: each has a 1 in the column of its class."""
    is_of_classes = value.dtype.kind in "iu" and value.size > 1 and value.min() >= 0
    rows = {n: a for n, a in arrays.items() if a.ndim == 2 and len(a) == value.size}
    yield from (("", _parsed(name)) for name in rows if is_of_classes)
    for classes in {a.shape[1] for a in rows.values()} if is_of_classes else ():
        said = f"{_shown(part)} is the number of a class, and not its one-hot row"
        yield said, _of(f"np.eye({classes})[x.reshape(-1)]", part)


def _forgotten_functions(part: ast.expr, value: Array, arrays: Arrays) -> Iterator[Tried]:
    """Yield functions of a part."""
    yield f"a transpose of {_shown(part)} is missing, or one too many", ast.Attribute(part, "T")
    yield from (("", _of(text, part)) for text in FORGOTTEN)
    yield from ((f"{f} is missing", _of(f"{f}(x)", part)) for f in FORGOTTEN_FUNCTIONS)


def _forgotten_factors(part: ast.expr, value: Array, arrays: Arrays) -> Iterator[Tried]:
    """Yield products with variables, and with slopes that these give."""
    for name in _fitting(value.shape, arrays):
        for text in SLOPES if arrays[name].shape in (value.shape, ()) else SLOPES[:1]:
            factor = _of(text, _parsed(name))
            yield f"the factor {_shown(factor)} is missing", ast.BinOp(part, ast.Mult(), factor)


def _forgotten_terms(part: ast.expr, value: Array, arrays: Arrays) -> Iterator[Tried]:
    """Yield sums with variables, and with products of two."""
    names = [name for name in _fitting(value.shape, arrays) if name != ast.unparse(part)]
    for term in (*names, *map(" * ".join, combinations(names, 2))):
        yield f"{term} is not added", ast.BinOp(part, ast.Add(), _parsed(term))
        yield f"{term} is not subtracted", ast.BinOp(part, ast.Sub(), _parsed(term))


def _fitting(shape: tuple[int, ...], arrays: Arrays) -> list[str]:
    """Return the variables that can be multiplied to an array of a shape, and leave it that."""
    fit = (n for n, a in arrays.items() if a.shape in (shape, shape[1:], shape[-1:], ()))
    return [*islice(fit, MOST_TRIED)]


def _with_transpose(part: ast.expr) -> tuple[ast.expr, ast.expr]:
    """Return a factor of a product without its transpose, and with it."""
    straight = part.value if isinstance(part, ast.Attribute) and part.attr == "T" else part
    return straight, ast.Attribute(straight, "T")


def _of(text: str, part: ast.expr) -> ast.expr:
    """Return what a text makes of an expression, which is its `x`."""
    return _with_names(_parsed(text), lambda node: part if node.id == "x" else node)


def _with_names(tree: ast.expr, instead: Callable[[ast.Name], ast.expr]) -> ast.expr:
    """Return a copy of an expression with others in the place of its names."""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return instead(node)

    made: ast.expr = Put().visit(deepcopy(tree))
    return made


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _shown(part: ast.expr) -> str:
    """Return the text of an expression: in backticks, if it is not that of a variable."""
    text = ast.unparse(part)
    return text if isinstance(part, ast.Name | ast.Attribute | ast.Subscript) else f"`{text}`"


TRIED = (  # one after the other
    _other_operations,
    _other_variables,
    _one_hot,
    _forgotten_functions,
    _forgotten_factors,
    _forgotten_terms,
)
