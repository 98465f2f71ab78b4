"""Rewrites expressions into others of the same value that numpy computes faster.

Sums and means over an axis become matrix products with ones, which BLAS does in one go; the
maximum of short rows is found column by column; and what depends on the size of the batch alone
is made once and kept.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import reduce

from nndsl.program.names import Names
from nndsl.program.optimize.rules import NARROW, REDUCTIONS
from nndsl.program.optimize.spelling import spell
from nndsl.program.optimize.values import Value, reduced_axis, value_of
from nndsl.statements import Dimension, Rows, margin, node_of


class Kept:
    """Arrays that depend on N alone, by their code: made with the memory of a step."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.entries: dict[str, str] = {}  # code -> name

    def name(self, like: str, made: ast.expr) -> str:
        """Return the name of an array, `like` it if that is free."""
        code = spell(made)
        if code not in self.entries:
            self.entries[code] = self._names.fresh(like)
        return self.entries[code]


class Simplifier(ast.NodeTransformer):
    """Applies the rules from the inside out; an expression that is no case of one stays."""

    def __init__(self, known: dict[str, Value], kept: Kept) -> None:
        self.known = known
        self.kept = kept

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr="arange")):
                return self._of_the_batch(node)
            case ast.Call(func=ast.Attribute(value=inner, attr=name), args=[]) if (
                name in REDUCTIONS
            ):
                value = value_of(inner, self.known)
                if value is None or value.kind != "float":
                    return node
                if not node.keywords:
                    return self._over_all(node, inner, value, name)
                return self._over_axis(node, inner, value, name)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="np"), attr="maximum" | "minimum"),
                args=[ast.Constant() as number, x] | [x, ast.Constant() as number],
            ):
                return self._with_array(node, x, number)
        return node

    def _with_array(self, node: ast.Call, x: ast.expr, number: ast.Constant) -> ast.expr:
        """Between two arrays numpy finds the greater one in a quarter of the time."""
        value = value_of(x, self.known)
        if value is None or value.kind != "float" or not value.is_large:
            return node
        lengths = value.shape
        if len(lengths) > 2:  # a row of them takes less of the cache
            last = (value.order or range(len(lengths)))[-1]
            lengths = tuple(n if axis == last else 1 for axis, n in enumerate(lengths))
        filled = [number] if number.value else []
        made = aligned(lengths, *filled)
        like = "_".join(["bound" if filled else "zero", *map(_said, value.shape[1:])])
        return ast.Call(node.func, [x, self._kept(like, made, Value(lengths))], [])

    def _of_the_batch(self, node: ast.Call) -> ast.expr:
        """`np.arange(N)` is the same for every batch of N examples."""
        match node.args:
            case [ast.Name()] if not node.keywords:
                return self._kept("each", node, value_of(node, self.known))
        return node

    def _kept(self, like: str, made: ast.expr, value: Value | None) -> ast.expr:
        name = self.kept.name(like, made)
        if value is not None:
            self.known[name] = value
        return ast.Name(name, ast.Load())

    def _over_all(self, node: ast.Call, inner: ast.expr, value: Value, name: str) -> ast.expr:
        """The method goes through Python code before it comes to the reduction itself."""
        if not value.shape:
            return node
        axis = [ast.keyword("axis", ast.Constant(None))] * (len(value.shape) > 1)
        total = _numpy(REDUCTIONS[name], "reduce", [inner], axis)
        if name != "mean":
            return total
        lengths = [node_of(length) for length in value.shape if length != 1] or [ast.Constant(1)]
        size = reduce(lambda left, right: ast.BinOp(left, ast.Mult(), right), lengths)
        return ast.BinOp(total, ast.Div(), size)

    def _over_axis(self, node: ast.Call, inner: ast.expr, value: Value, name: str) -> ast.expr:
        axis, keep = reduced_axis(value, node.keywords)
        axes, width = len(value.shape), value.shape[-1]
        over_row = axis == axes - 1 > 0 and keep and isinstance(width, int) and value.is_large
        if name in ("sum", "mean"):
            if (over_row and value.order == ()) or (
                axes == 2 and axis == 1 and not keep and isinstance(width, Rows)
            ):
                return ast.BinOp(inner, ast.MatMult(), self._ones(width, name))
            if axes == 2 and axis == 0 and not keep and isinstance(value.shape[0], Rows):
                return ast.BinOp(self._ones(value.shape[0], name), ast.MatMult(), inner)
        elif over_row and value.order == () and isinstance(inner, ast.Name):
            return self._best_of_rows(node, inner, value, REDUCTIONS[name])
        return node

    def _best_of_rows(
        self, node: ast.expr, rows: ast.expr, value: Value, function: str
    ) -> ast.expr:
        """Find the greatest of each row column by column, of a longer one the halves before."""
        *before, width = value.shape
        assert isinstance(width, int)
        if NARROW < width <= 4 * NARROW and not width % 2:
            width //= 2
            halves = [_columns(rows, len(before), start, start + width) for start in (0, width)]
            rows = ast.Call(ast.Attribute(ast.Name("np", ast.Load()), function), halves, [])
        elif width > NARROW:
            return node
        if len(before) > 1:
            rows = _reshape(rows, -1, width)
        columns = ast.Call(ast.Attribute(ast.Attribute(rows, "T"), "copy"), [], [])
        best = _numpy(function, "reduce", [columns], [])
        if len(before) > 1:
            return _reshape(best, *before, 1)
        return ast.Subscript(best, ast.Tuple([ast.Slice(), ast.Constant(None)]))

    def _ones(self, length: Dimension, name: str) -> ast.expr:
        """Return the factor that sums, or takes the mean, over the batch or over a row."""
        shape = (length,) if isinstance(length, Rows) else (length, 1)
        sides = node_of(length) if isinstance(length, Rows) else _shape(shape)
        share = ast.BinOp(ast.Constant(1), ast.Div(), node_of(length))
        is_sum = name == "sum"
        function = ast.parse("np.ones" if is_sum else "np.full", mode="eval").body
        made = ast.Call(function, [sides, *[share] * (not is_sum), ast.Name("dtype")], [])
        like = f"ones_{_said(length)}" if is_sum else f"mean_{_said(length)}"
        return self._kept(like, made, Value(shape))


def aligned(shape: Iterable[Dimension], *filled: ast.expr) -> ast.Call:
    """Return the call that makes an array, of zeros or `filled`."""
    return ast.Call(ast.Name("aligned"), [_shape(shape), ast.Name("dtype"), *filled], [])


def _said(length: Dimension) -> str:
    """Return a length as a part of a name."""
    return margin(length).replace("*", "x")


def _shape(lengths: Iterable[Dimension]) -> ast.Tuple:
    return ast.Tuple([node_of(length) for length in lengths])


def _numpy(
    function: str, method: str, arguments: list[ast.expr], keywords: list[ast.keyword]
) -> ast.Call:
    name = ast.Attribute(ast.Attribute(ast.Name("np", ast.Load()), function), method)
    return ast.Call(name, arguments, keywords)


def _columns(rows: ast.expr, before: int, start: int, end: int) -> ast.expr:
    part = ast.Slice(ast.Constant(start), ast.Constant(end))
    return ast.Subscript(rows, ast.Tuple([*(ast.Slice() for _ in range(before)), part]))


def _reshape(node: ast.expr, *lengths: Dimension) -> ast.expr:
    return ast.Call(ast.Attribute(node, "reshape"), [*map(node_of, lengths)], [])
