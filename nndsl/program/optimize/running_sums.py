"""Algebra of an optimizer's step: the same step with fewer passes over its vectors.

A running mean is kept as a running sum (its scale goes into the factors that read it), a result
that is read once stands where it is read, and all numbers of a product are gathered into one.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nndsl.program.optimize.values import Known, value_of


@dataclass(frozen=True, slots=True)
class Change:
    """`target = value`; in an optimizer's step every statement is one, or the step is left."""

    target: str
    value: ast.expr
    says: str


def running_sums(
    changes: Sequence[Change], means: Iterable[str], signs: Signs
) -> dict[str, tuple[ast.expr, ast.expr]]:
    """Return the states that change by `s = s + c * (e - s)` alone, with c and e."""
    writes = Counter(change.target for change in changes)
    found = {}
    for change in changes:
        name = change.target
        match change.value:
            case ast.BinOp(
                left=ast.Name(id=first),
                op=ast.Add(),
                right=ast.BinOp(
                    left=scale,
                    op=ast.Mult(),
                    right=ast.BinOp(left=e, op=ast.Sub(), right=ast.Name(id=second)),
                ),
            ) if first == second == name and name in means and writes[name] == 1:
                if name not in _names(e) and signs.is_positive(scale):
                    found[name] = scale, e
    return found


def keep_sums(
    changes: Sequence[Change], sums: Mapping[str, tuple[ast.expr, ast.expr]]
) -> list[Change]:
    """Turn `s = s + c * (e - s)` into `s = (1 - c) * s + e`, and read `c * s` in place of `s`."""
    scaled = {
        name: ast.BinOp(scale, ast.Mult(), ast.Name(name, ast.Load()))
        for name, (scale, _) in sums.items()
    }
    made = []
    for change in changes:
        name = change.target
        if name in sums:
            scale, e = sums[name]
            own = ast.Name(name, ast.Load())
            made.append(Change(name, ast.BinOp(own, ast.Mult(), _rest(scale)), change.says))
            added = ast.BinOp(own, ast.Add(), _Replacement(scaled).visit(e))
            made.append(Change(name, added, ""))
        else:
            made.append(replace(change, value=_Replacement(scaled).visit(change.value)))
    return made


def put_in_place(changes: Sequence[Change], known: Known) -> list[Change]:
    """Write a vector that is read once where it is read, if nothing it reads changes before."""
    reads = Counter(name for change in changes for name in _all_names(change.value))
    writes = Counter(change.target for change in changes)
    held: dict[str, ast.expr] = {}
    made: list[Change] = []
    for change in changes:
        value = _Replacement(held).visit(change.value)
        is_vector = bool((found := value_of(value, known)) and found.shape)
        later = changes[changes.index(change) + 1 :]
        reader = next((c for c in later if change.target in _names(c.value)), None)
        between = later[: later.index(reader)] if reader is not None else []
        untouched = not any(c.target in _names(value) for c in between)
        once = reads[change.target] == 1 and writes[change.target] == 1
        if is_vector and once and reader is not None and untouched:
            held[change.target] = value
        else:
            made.append(Change(change.target, value, change.says))
    return made


class Signs:
    """Knows which numbers are positive at every step: those that may be divided by and rooted."""

    def __init__(self, constants: Mapping[str, float]) -> None:
        self._constants = constants

    def is_positive(self, node: ast.expr) -> bool:
        """Is a number greater than 0, whatever the step is?"""
        match node:
            case ast.Constant(value=int(value)) | ast.Constant(value=float(value)):
                return value > 0
            case ast.Name(id=name):
                return self._constants.get(name, 0) > 0
            case ast.BinOp(left=left, op=ast.Mult() | ast.Div(), right=right):
                return self.is_positive(left) and self.is_positive(right)
            case (
                ast.BinOp(left=ast.Constant(value=1), op=ast.Sub(), right=ast.Name(id=name))
                | ast.BinOp(
                    left=ast.Constant(value=1),
                    op=ast.Sub(),
                    right=ast.BinOp(
                        left=ast.Name(id=name), op=ast.Pow(), right=ast.Name(id="step")
                    ),
                )
            ):
                return 0 <= self._constants.get(name, 1) < 1
            case ast.Call(func=ast.Attribute(value=ast.Name(id="math"), attr="sqrt"), args=[inner]):
                return self.is_positive(inner)
        return False


Factored = tuple[ast.expr | None, ast.expr]  # a number, or None for 1, and what it multiplies


class Factors:
    """Gathers the numbers of a product in one factor."""

    def __init__(self, known: Known, signs: Signs) -> None:
        self._known = known
        self._signs = signs

    def of(self, node: ast.expr) -> Factored:
        """Return the factor of an expression, and the expression without it."""
        match node:
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                if self._is_number(left):
                    factor, rest = self.of(right)
                    return _times(left, factor), rest
                if self._is_number(right):
                    factor, rest = self.of(left)
                    return _times(factor, right), rest
                (f, a), (g, b) = self.of(left), self.of(right)
                return _times(f, g), ast.BinOp(a, ast.Mult(), b)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                if self._is_number(right):
                    factor, rest = self.of(left)
                    return _over(factor, right), rest
                divisor, below = self.of(right)
                if self._is_number(left):
                    return None, ast.BinOp(_over(left, divisor), ast.Div(), below)
                factor, rest = self.of(left)
                if factor is not None or divisor is not None:
                    factor = _over(factor, divisor)
                return factor, ast.BinOp(rest, ast.Div(), below)
            case ast.BinOp(left=left, op=ast.Add(), right=right) if self._is_number(right):
                factor, rest = self.of(left)
                if factor is None or not self._signs.is_positive(factor):
                    return None, node
                return factor, ast.BinOp(rest, ast.Add(), _over(right, factor))
            case ast.Call(func=ast.Attribute(attr="sqrt"), args=[inner]):
                factor, rest = self.of(inner)
                if factor is None or not self._signs.is_positive(factor):
                    return None, node
                root = ast.Attribute(ast.Name("math", ast.Load()), "sqrt")
                return ast.Call(root, [factor], []), ast.Call(node.func, [rest], [])
        return None, node

    def _is_number(self, node: ast.expr) -> bool:
        found = value_of(node, self._known)
        return found is not None and not found.shape


class _Replacement(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._values.get(node.id, node)


def _times(left: ast.expr | None, right: ast.expr | None) -> ast.expr | None:
    if left is None or right is None:
        return left or right
    if isinstance(right, ast.BinOp) and isinstance(right.op, ast.Mult | ast.Div):
        first = _times(left, right.left)  # a * (b / c) is a * b / c
        assert first is not None
        return ast.BinOp(first, right.op, right.right)
    return ast.BinOp(left, ast.Mult(), right)


def _over(left: ast.expr | None, right: ast.expr | None) -> ast.expr:
    if right is None:
        assert left is not None
        return left
    return ast.BinOp(left or ast.Constant(1), ast.Div(), right)


def _rest(scale: ast.expr) -> ast.expr:
    """Return 1 - scale."""
    match scale:
        case ast.BinOp(left=ast.Constant(value=1), op=ast.Sub(), right=right):
            return right
    return ast.BinOp(ast.Constant(1), ast.Sub(), scale)


def _all_names(node: ast.AST) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def _names(node: ast.AST) -> set[str]:
    return set(_all_names(node))
