"""Values and slopes of functions that treat each number alone, by forward differentiation.

The numbers are plain floats: to check a spec takes no numpy.
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nndsl.ir.derivatives import RULES
from nndsl.ir.parser import parse_value
from nndsl.ir.tree import NOTHING, Expression, Literal, Name, Operation

Numbers = list[float]
Dual = tuple[Numbers, Numbers | None]  # a function at some points, and its slopes; None: all are 0

SMOOTH = "sqrt exp log sin cos tan sinh cosh tanh abs".split()  # functions of formulas
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
FUNCTIONS: dict[str, Callable[..., float]] = {
    **COMPARISONS,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": math.pow,
    "//": operator.floordiv,
    "%": operator.mod,
    "np.abs()": abs,
    "np.maximum()": max,
    "np.minimum()": min,
    "np.sign()": lambda a: (a > 0) - (a < 0),
    "np.square()": lambda a: a * a,
    "np.logaddexp()": lambda a, b: max(a, b) + math.log1p(math.exp(-abs(a - b))),
    "np.where()": lambda a, b, c: b if a else c,
    "np.clip()": lambda a, b, c: min(max(a, b), c),
    "&": operator.and_,
    "sigmoid()": lambda a: 1 / (1 + math.exp(-a)) if a > 0 else math.exp(a) / (1 + math.exp(a)),
    "float()": float,
    "abs()": abs,
    "max()": max,
    "min()": min,
    **{f"math.{name}()": getattr(math, name) for name in SMOOTH if name != "abs"},  # of constants
    **{
        f"np.{name}()": getattr(math, name)
        for name in "sqrt exp expm1 log log1p sin cos tan sinh cosh tanh".split()
    },
}


def _divide_by_zero(a: float, b: float) -> float:
    """Return a / 0, which has the sign of both."""
    return math.copysign(math.inf, a) * math.copysign(1, b) if a else math.nan


def _power_too_large(a: float, b: float) -> float:
    """Return a**b where it is beyond all numbers, or nan where it is none."""
    if a < 0 and b % 1:
        return math.nan
    return math.copysign(math.inf, a) if b % 2 == 1 else math.inf


# What numpy says where `math` raises an error: the limit. nan where there is none.
LIMITS: dict[str, Callable[..., float]] = {
    "/": _divide_by_zero,
    "**": _power_too_large,
    "np.log()": lambda a: -math.inf if a == 0 else math.nan,
    "np.log1p()": lambda a: -math.inf if a == -1 else math.nan,
    "np.sinh()": lambda a: math.copysign(math.inf, a),
    **dict.fromkeys(["np.exp()", "np.expm1()", "np.cosh()"], lambda a: math.inf),
}
_MOVES = (".reshape()", ".astype()", ".copy()")  # that change no number: what is left is the first


class NotElementwise(Exception):
    """An operation does not treat each number alone, or a name has no numbers."""


def evaluate(
    node: Expression, known: Mapping[str, Dual], count: int, *, sizes: bool = False
) -> Dual:
    """Return an expression and its slope at `count` points. NotElementwise where it has none.

    What is beyond all numbers is inf there, and what is not defined nan, as numpy has it. With
    `sizes`, a slope is the sum of the absolute values of its terms: rounding may move the slope by
    so much, times the precision of floats.
    """
    match node:
        case Literal(int() | float() as value):
            return [float(value)] * count, None
        case Name("math.pi"):
            return [math.pi] * count, None
        case Name(name) if name in known:
            return known[name]
        case Operation(op, (inner, *_)) if op in _MOVES or (op == "[]" and _is_whole(node)):
            return evaluate(inner, known, count, sizes=sizes)
        case Operation(op, operands, ()) if op in FUNCTIONS:
            found = [evaluate(operand, known, count, sizes=sizes) for operand in operands]
            return _applied(op, found, count, sizes)
    raise NotElementwise


def evaluate_number(node: Expression, values: Mapping[str, float]) -> float:
    """Return the value of an expression where names have these. NotElementwise as above."""
    known: dict[str, Dual] = {name: ([value], None) for name, value in values.items()}
    (value,), _ = evaluate(node, known, 1)
    return value


def _applied(op: str, operands: Sequence[Dual], count: int, sizes: bool) -> Dual:
    if op == "-" and len(operands) == 1:
        operands = [([-0.0] * count, None), *operands]  # -0.0 - 0.0 is -0.0, as -a is
    columns = [values for values, _ in operands]
    values = _each(op, columns)
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
            if op == "/" and at == 1:  # what is divided by overflows, and its slope may, too
                flat = [y == 0 and math.isinf(b) for y, b in zip(values, columns[1], strict=True)]
                term = [0.0 if is_flat else t for is_flat, t in zip(flat, term, strict=True)]
            term = list(map(abs, term)) if sizes else term
            slope = term if slope is None else list(map(operator.add, slope, term))
    return values, slope


def _each(op: str, columns: Sequence[Numbers]) -> Numbers:
    try:
        return list(map(FUNCTIONS[op], *columns))
    except (ArithmeticError, ValueError):
        return [_at_point(op, numbers) for numbers in zip(*columns, strict=True)]


def _at_point(op: str, numbers: Sequence[float]) -> float:
    try:
        return FUNCTIONS[op](*numbers)
    except (ArithmeticError, ValueError):
        return LIMITS[op](*numbers) if op in LIMITS else math.nan


def _is_whole(node: Operation) -> bool:
    """Does a subscript keep everything, perhaps in another order: `x[:, ::-1]`?"""
    return all(
        isinstance(index, Operation) and index.op == "slice" and {*index.operands[:2]} == {NOTHING}
        for index in node.operands[1:]
    )
