"""Rewrites expressions into others of the same value that numpy computes faster.

Sums and means over an axis become matrix products with ones, which BLAS does in one go; the
maximum of short rows is found column by column; and what depends on the size of the batch alone
is made once and kept.
"""

import re
from collections.abc import Iterable
from functools import reduce

from nndsl.ir import Expression, Literal, Name, Operation
from nndsl.ir.printer import enclosed
from nndsl.ir.rows import Dimension, Rows, margin, node_of
from nndsl.ir.symbols import number
from nndsl.ir.tree import NOTHING, transformed
from nndsl.ir.values import Value, reduced_axis, value_of
from nndsl.program.names import Names
from nndsl.program.optimize.rules import NARROW, REDUCTIONS

NONE = Literal(None, "None")
ALL = Operation("slice", (NOTHING, NOTHING))


class Hoisted:
    """Arrays that depend on N alone, by what makes them: made with the memory of a step."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.entries: dict[Expression, str] = {}

    def name(self, like: str, made: Expression) -> str:
        """Return the name of an array, `like` it if that is free."""
        if made not in self.entries:
            self.entries[made] = self._names.fresh(like)
        return self.entries[made]


class Simplifier:
    """Applies the rules from the inside out; an expression that is no case of one stays."""

    def __init__(self, known: dict[str, Value], hoisted: Hoisted) -> None:
        self.known = known
        self.hoisted = hoisted

    def simplified(self, node: Expression) -> Expression:
        return transformed(node, self._rule)

    def _rule(self, node: Expression) -> Expression:
        match node:
            # In capitals stand N and the sizes of the page: other names are made within the step.
            case Operation("np.arange()", (Name(id),), ()) if id.isupper():
                return self._hoist("each", node, value_of(node, self.known))
            case Operation(op, (inner,), options) if op in REDUCTIONS:
                value = value_of(inner, self.known)
                if value is None or value.kind != "float":
                    return node
                if not options:
                    return self._over_all(node, inner, value)
                return self._over_axis(node, inner, value)
            case Operation("np.maximum()" | "np.minimum()" as op, (Literal() as bound, x), ()):
                return self._with_array(op, x, bound)
            case Operation("np.maximum()" | "np.minimum()" as op, (x, Literal() as bound), ()):
                return self._with_array(op, x, bound, last=True)
        return node

    def _with_array(
        self, op: str, x: Expression, bound: Literal, *, last: bool = False
    ) -> Expression:
        """Between two arrays numpy finds the greater one in a quarter of the time."""
        value = value_of(x, self.known)
        if value is None or value.kind != "float" or not value.is_large:
            return Operation(op, (x, bound) if last else (bound, x))
        lengths = value.shape
        if len(lengths) > 2:  # a row of them takes less of the cache
            innermost = (value.order or range(len(lengths)))[-1]
            lengths = tuple(n if axis == innermost else 1 for axis, n in enumerate(lengths))
        filled = [bound] if bound.value else []
        made = aligned(lengths, *filled)
        like = "_".join(["bound" if filled else "zero", *map(_said, value.shape[1:])])
        return Operation(op, (x, self._hoist(like, made, Value(lengths))))

    def _hoist(self, like: str, made: Expression, value: Value | None) -> Expression:
        name = self.hoisted.name(like, made)
        if value is not None:
            self.known[name] = value
        return Name(name)

    def _over_all(self, node: Operation, inner: Expression, value: Value) -> Expression:
        """The method goes through Python code before it comes to the reduction itself."""
        if not value.shape:
            return node
        axis = [("axis", NONE)] * (len(value.shape) > 1)
        total = Operation(f"np.{REDUCTIONS[node.op]}.reduce()", (inner,), tuple(axis))
        if node.op != ".mean()":
            return total
        lengths = [node_of(length) for length in value.shape if length != 1] or [number(1)]
        return Operation("/", (total, reduce(lambda a, b: Operation("*", (a, b)), lengths)))

    def _over_axis(self, node: Operation, inner: Expression, value: Value) -> Expression:
        axis, keep = reduced_axis(value, node.options)
        axes, width = len(value.shape), value.shape[-1]
        over_row = axis == axes - 1 > 0 and keep and isinstance(width, int) and value.is_large
        if node.op in (".sum()", ".mean()"):
            if (over_row and value.order == ()) or (
                axes == 2 and axis == 1 and not keep and isinstance(width, Rows)
            ):
                return Operation("@", (inner, self._ones(width, node.op)))
            if axes == 2 and axis == 0 and not keep and isinstance(value.shape[0], Rows):
                return Operation("@", (self._ones(value.shape[0], node.op), inner))
        elif over_row and value.order == () and isinstance(inner, Name):
            return self._best_of_rows(node, inner, value)
        return node

    def _best_of_rows(self, node: Operation, rows: Expression, value: Value) -> Expression:
        """Find the greatest of each row column by column, of a longer one the halves before."""
        *before, width = value.shape
        assert isinstance(width, int)
        function = f"np.{REDUCTIONS[node.op]}"
        if NARROW < width <= 4 * NARROW and not width % 2:
            width //= 2
            halves = [_columns(rows, len(before), start, start + width) for start in (0, width)]
            rows = Operation(f"{function}()", tuple(halves))
        elif width > NARROW:
            return node
        if len(before) > 1:
            rows = _reshape(rows, -1, width)
        columns = Operation(".copy()", (Operation(".T", (rows,)),))
        best = Operation(f"{function}.reduce()", (columns,))
        if len(before) > 1:
            return _reshape(best, *before, 1)
        return Operation("[]", (best, ALL, NONE))

    def _ones(self, length: Dimension, op: str) -> Expression:
        """Return the factor that sums, or takes the mean, over the batch or over a row."""
        shape = (length,) if isinstance(length, Rows) else (length, 1)
        sides = node_of(length) if isinstance(length, Rows) else _shape(shape)
        dtype = Name("dtype")
        if op == ".sum()":
            made = Operation("np.ones()", (sides, dtype))
            return self._hoist(f"ones_{_said(length)}", made, Value(shape))
        share = Operation("/", (number(1), node_of(length)))
        made = Operation("np.full()", (sides, share, dtype))
        return self._hoist(f"mean_{_said(length)}", made, Value(shape))


def aligned(shape: Iterable[Dimension], *filled: Expression) -> Operation:
    """Return the call that makes an array, of zeros or `filled`."""
    return Operation("aligned()", (_shape(shape), Name("dtype"), *filled))


def _said(length: Dimension) -> str:
    """Return a length as a part of a name."""
    return "_".join(re.findall(r"\w+", margin(length).replace("*", "x")))


def _shape(lengths: Iterable[Dimension]) -> Expression:
    return enclosed(Operation("tuple", tuple(map(node_of, lengths))))


def _columns(rows: Expression, before: int, start: int, end: int) -> Expression:
    part = Operation("slice", (number(start), number(end)))
    return Operation("[]", (rows, *[ALL] * before, part))


def _reshape(node: Expression, *lengths: Dimension) -> Expression:
    return Operation(".reshape()", (node, *map(node_of, lengths)))
