"""Values and slopes of functions that treat each number alone, by forward differentiation.

The numbers are plain floats: to check a spec takes no numpy.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence

from nndsl.ir.derivatives import RULES
from nndsl.ir.parser import parse_value
from nndsl.ir.tree import NOTHING, Expression, Literal, Name, Operation

Numbers = list[float]
Dual = tuple[Numbers, Numbers | None]  # a function at some points, and its slopes; None: all are 0

FUNCTIONS: dict[str, Callable[..., float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": math.pow,
    "%": operator.mod,
    "or": lambda a, b: a or b,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "np.abs()": abs,
    "np.maximum()": max,
    "np.minimum()": min,
    "np.sign()": lambda a: (a > 0) - (a < 0),
    "np.square()": lambda a: a * a,
    "np.where()": lambda a, b, c: b if a else c,
    "math.sqrt()": math.sqrt,  # of constants
    **{
        f"np.{name}()": getattr(math, name)
        for name in "sqrt exp expm1 log log1p sin cos tan sinh cosh tanh".split()
    },
}
_MOVES = (".reshape()", ".astype()", ".copy()")  # that change no number: what is left is the first


class NotElementwise(Exception):
    """An operation does not treat each number alone, or a name has no numbers."""


def evaluate(node: Expression, known: Mapping[str, Dual], count: int) -> Dual:
    """Return an expression and its slope at `count` points. NotElementwise where it has none.

    What is not defined at a point is nan there.
    """
    match node:
        case Literal(int() | float() as value):
            return [float(value)] * count, None
        case Name("math.pi"):
            return [math.pi] * count, None
        case Name(name) if name in known:
            return known[name]
        case Operation(op, (inner, *_)) if op in _MOVES or (op == "[]" and _is_whole(node)):
            return evaluate(inner, known, count)
        case Operation(op, operands, ()) if op in FUNCTIONS:
            return _applied(op, [evaluate(operand, known, count) for operand in operands], count)
    raise NotElementwise


def evaluate_number(node: Expression, values: Mapping[str, float]) -> float:
    """Return the value of an expression where names have these. NotElementwise as above."""
    known: dict[str, Dual] = {name: ([value], None) for name, value in values.items()}
    (value,), _ = evaluate(node, known, 1)
    return value


def _applied(op: str, operands: Sequence[Dual], count: int) -> Dual:
    if op == "-" and len(operands) == 1:
        operands = [([0.0] * count, None), *operands]
    columns = [values for values, _ in operands]
    values = _each(FUNCTIONS[op], columns)
    known: dict[str, Dual] = {n: (v, None) for n, v in zip("abc", columns, strict=False)}
    known["y"] = values, None
    slope: Numbers | None = None
    for at, (_, d) in enumerate(operands):
        if d is None:
            continue
        if op not in RULES:
            raise NotElementwise
        if (rule := RULES[op][at]) != "0":
            term, _ = evaluate(parse_value(rule), {**known, "d": (d, None)}, count)
            slope = term if slope is None else list(map(operator.add, slope, term))
    return values, slope


def _each(function: Callable[..., float], columns: Sequence[Numbers]) -> Numbers:
    try:
        return list(map(function, *columns))
    except (ArithmeticError, ValueError):
        return [_at_point(function, numbers) for numbers in zip(*columns, strict=True)]


def _at_point(function: Callable[..., float], numbers: Sequence[float]) -> float:
    try:
        return function(*numbers)
    except OverflowError:
        return math.inf
    except (ArithmeticError, ValueError):
        return math.nan


def _is_whole(node: Operation) -> bool:
    """Does a subscript keep everything, perhaps in another order: `x[:, ::-1]`?"""
    return all(
        isinstance(index, Operation) and index.op == "slice" and {*index.operands[:2]} == {NOTHING}
        for index in node.operands[1:]
    )
