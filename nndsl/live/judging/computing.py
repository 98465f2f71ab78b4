"""What an expression of a student gives: computed here, operation by operation, and never run.

Operations are those that are known to be harmless, on so many numbers. What follows the mark is
also a part of the tests that a student gets: numpy is enough for it.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nndsl.live.judging.assignments import Assigned, name_of
from nndsl.live.judging.causes import numbers

# --- What an expression gives --------------------------------------------------------

OPERATIONS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.MatMult: operator.matmul,
    ast.Pow: lambda one, other: np.power(one, other, dtype=np.float64),  # no long whole number
    ast.USub: operator.neg,
    ast.Invert: operator.invert,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}
SHAPED = (np.reshape.__name__, np.transpose.__name__)
METHODS = ("sum", "mean", "max", "min", "argmax", *SHAPED)
TAKEN = {  # functions of numpy's, and how many arguments: none of them is `out`
    **dict.fromkeys(METHODS, 2),
    **{"where": 3, "arange": 1, "eye": 1, "zeros_like": 1, "ones_like": 1},
}
FAILED = (LookupError, ValueError, TypeError, ArithmeticError, AttributeError, RecursionError)
LARGEST_RESULT = 1_000_000  # numbers
MOST_COMPUTED = 30_000_000  # numbers in all
OVERHEAD = 500  # of an operation, in numbers


class Computing:
    """Computes expressions by the arrays that variables are. `values` are those of parts."""

    def __init__(
        self, known: Assigned, arrays: Mapping[str, Any], computed: list[int] | None = None
    ) -> None:
        self.known, self.arrays = known, arrays
        self.values: dict[ast.AST, Any] = {}
        self.computed = computed or [0]  # numbers, in all functions

    def value(self, node: ast.expr) -> Any:
        """Return what an expression gives. One of FAILED: it is not known, or takes long."""
        if node not in self.values:
            with np.errstate(all="ignore"):
                self.values[node] = self._value(node)
        return self.values[node]

    def _value(self, node: ast.expr) -> Any:
        self._pay(0)
        name = name_of(node) or (ast.unparse(node) if isinstance(node, ast.Subscript) else "")
        if name in self.arrays:
            return numbers(np.asarray(self.arrays[name]))
        match node:
            case ast.Constant(int() | float() | None as number):
                return number
            case ast.Attribute(ast.Name("np"), "newaxis"):
                return None
            case ast.Name(id=name):
                defined = self.known.defined.get(name)
                given = [one.value for one in self.known.given.get(name, ()) if one.is_whole]
                if len(given) == 1 and given[0] is not None:  # `N = len(X)`
                    return self.value(given[0])
                if isinstance(defined, ast.expr):
                    return self.value(defined)
            case ast.BinOp(one, op, other) | ast.Compare(one, [op], [other]):
                return self._of_two(OPERATIONS[type(op)], self.value(one), self.value(other))
            case ast.UnaryOp(op, of):
                return OPERATIONS[type(op)](self.value(of))
            case ast.Tuple(elts):
                return tuple(map(self.value, elts))
            case ast.Slice(lower, upper, step):
                return slice(*(part and self.value(part) for part in (lower, upper, step)))
            case ast.Subscript(of, index):
                return self._part_of(self.value(of), self.value(index))
            case ast.Attribute(of, "T" | "shape" | "size" as attr):
                return getattr(np.asarray(self.value(of)), attr)
            case ast.Call(func, args, keywords):
                named = {str(keyword.arg): self.value(keyword.value) for keyword in keywords}
                return self._call(func, [*map(self.value, args)], named)
        raise LookupError

    def _pay(self, count: int) -> None:
        self.computed[0] += OVERHEAD + count
        if self.computed[0] > MOST_COMPUTED or count > LARGEST_RESULT:
            raise ValueError("it takes long to compute")

    def _of_two(self, function: Callable[..., Any], one: Any, other: Any) -> Any:
        if function is operator.matmul:
            rows, columns = np.size(one) // np.shape(one)[-1], np.shape(other)[-1]
            self._pay(rows * columns)
        else:
            self._pay(math.prod(np.broadcast_shapes(np.shape(one), np.shape(other))))
        return function(one, other)

    def _part_of(self, array: Any, index: Any) -> Any:
        parts = index if isinstance(index, tuple) else (index,)
        self._pay(math.prod(np.size(one) for one in parts if not isinstance(one, slice)))
        self._pay(np.size(array) * max((np.size(one) for one in parts if np.ndim(one)), default=1))
        return array[index]

    def _call(self, func: ast.expr, args: list[Any], named: dict[str, Any]) -> Any:
        if not named.keys() <= {"axis", "keepdims"}:  # `out` would change an array
            raise LookupError
        match func:
            case ast.Name("len"):
                return len(*args)
            case ast.Name(name):
                return self._result(self.known.defined[name], args)
            case ast.Attribute(ast.Name("np"), attr):
                function: Any = getattr(np, attr, None)
                most = function.nin if isinstance(function, np.ufunc) else TAKEN.get(attr, 0)
                if len(args) > most:
                    raise LookupError
                if attr in ("arange", "eye"):
                    self._pay(int(*args) ** 2)
                if isinstance(function, np.ufunc) and most == 2:
                    return self._of_two(function, *args)
                self._pay(math.prod(np.broadcast_shapes(*map(np.shape, args))))
                return function(*args, **named)
            case ast.Attribute(of, attr) if attr in METHODS and (len(args) < 2 or attr in SHAPED):
                return getattr(np.asarray(self.value(of)), attr)(*args, **named)
        raise LookupError

    def _result(self, function: ast.AST, args: list[Any]) -> Any:
        """Return what a function of the script returns that has no loops and no branches."""
        if not isinstance(function, ast.FunctionDef):
            raise LookupError
        local, own = Assigned([]), [one.arg for one in function.args.args]
        local.defined = self.known.defined
        inner = Computing(local, arrays := dict(zip(own, args, strict=True)), self.computed)
        body = [*function.body]
        while body:
            match body.pop(0):
                case ast.Assign([ast.Name(name)], value):
                    arrays[name] = inner.value(value)
                case ast.With(body=within):
                    body[:0] = within
                case ast.Return(ast.expr() as value):
                    return inner.value(value)
                case ast.Expr(ast.Constant()):
                    continue
                case _:
                    break
        raise LookupError
