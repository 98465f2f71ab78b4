"""Lints of the formulas of a page's own layers."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

from nndsl.ir import Expression, Literal, Name, Operation
from nndsl.lints.context import Finding, LintContext
from nndsl.lints.rule import NetworkLint, example
from nndsl.source import Span
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.formula_functions import REDUCTIONS
from nndsl.vocabulary.own_word import OwnWord, on_page

MAX_EXPONENT = 88.0  # its exponential is still a number of 32 bits
LARGE = "which may be large: it is infinite from 89 on"
_CORNER = "layer bent {{\n  y = {}\n}}\n\n"
_LAYER = "layer energy {{\n  y = log({} + x * x)\n}}\n\n"


class _Range(NamedTuple):
    """Between which numbers a value lies, whether it may be 0, and which it often is exactly."""

    low: float = -math.inf
    high: float = math.inf
    zero: bool = True
    often: frozenset[float] = frozenset()

    @property
    def constant(self) -> float | None:
        return self.low if self.low == self.high else None


@NetworkLint(
    "NN471",
    "a formula without a value",
    wrong=_LAYER.format("0") + example("dense(50); energy; dense(10)"),
    right=_LAYER.format("1") + example("dense(50); energy; dense(10)"),
)
def undefined_mathematics(context: LintContext) -> Iterator[Finding]:
    """A formula of the page takes the logarithm or the root of what may be negative or 0, divides
    by what may be 0, or takes the exponential of what has no limit above.

    One such number makes the loss nan or infinite, and the training ends. At 0 the slope of a root
    is infinite, too; exp(x) is infinite from 89 on. `softplus(x)` is log(1 + exp(x)) without that,
    `log_softmax(x)` is log(softmax(x)), and of a row, `x - max(x)` is never above 0.

    Source: Goodfellow, Bengio and Courville 2016, Deep Learning, section 4.1.
    """
    for where, wrong in (*_doubts(context, corners=False), *_doubts_of_optimizer(context)):
        is_large = wrong.endswith(LARGE)
        help = "clip it, subtract the largest, or take softplus, sigmoid or softmax"
        yield Finding(
            wrong,
            where,
            help if is_large else "keep it away from there: add a small number, or clip",
        )


@NetworkLint(
    "NN472",
    "a corner where many values lie",
    wrong=_CORNER.format("relu(relu(x))") + example("dense(50); bent; dense(10)"),
    right=_CORNER.format("relu(x)") + example("dense(50); bent; dense(10)"),
)
def corner_where_values_lie(context: LintContext) -> Iterator[Finding]:
    """A formula of the page has a corner exactly where many of the numbers lie that it is given.

    There it has two slopes, one on each side, and the gradient takes one of them or a number
    between: for one value in a million that is no matter, and here it is for many.

    Source: Goodfellow, Bengio and Courville 2016, Deep Learning, section 6.3.
    """
    for where, wrong in _doubts(context, corners=True):
        yield Finding(wrong, where, "leave one of the two out, or move the corner")


def _doubts(context: LintContext, *, corners: bool) -> Iterator[tuple[Span, str]]:
    """Yield what is doubtful in the formulas of the page's words that the network uses, and where.

    Either `corners`, or what may have no value.
    """
    train = context.spec.train
    words: list[Builtin | None] = [node.layer for node in context.graph.nodes]
    words += [train.loss, train.regularize] if train is not None else []
    seen = set()
    for word in words:
        if not isinstance(word, OwnWord) or type(word) in seen:
            continue
        seen.add(type(word))
        known = _fields(word)
        known |= dict.fromkeys(("features", "outputs"), _Range(1, math.inf, False))
        for formula in word.formulas:
            judged = _Judged(known)
            known[formula.name] = judged.range_of(formula.value)
            for part, wrong in judged.corners if corners else judged.doubts:
                yield word.places.get(id(part), formula.span), wrong


def _doubts_of_optimizer(context: LintContext) -> Iterator[tuple[Span, str]]:
    """Yield what may have no value in the page's optimizer, whose states begin with zeros."""
    optimizer = context.spec.train.optimizer if context.spec.train is not None else None
    if not isinstance(optimizer, OwnWord):
        return
    from nndsl.vocabulary.own_optimizer import STEP  # few pages need it

    given = {"lr": _Range(0), STEP: _Range(1, math.inf, False)} | _fields(optimizer)
    rising = set(optimizer.state)  # those that are never below 0, as far as that is known
    while True:
        known = given | dict.fromkeys(rising, _Range(0))
        doubts: list[tuple[Span, str]] = []
        for formula in optimizer.formulas:
            judged = _Judged(known, has_slopes=False)
            known[formula.name] = judged.range_of(formula.value)
            for part, wrong in judged.doubts:
                doubts.append((optimizer.places.get(id(part), formula.span), wrong))
        fallen = {name for name in rising if known[name].low < 0}
        if not fallen:
            break
        rising -= fallen
    yield from doubts


def _fields(word: Builtin) -> dict[str, _Range]:
    """Return what is known of the arguments of a word that are numbers."""
    found = {name: getattr(word, name) for name in type(word).model_fields}
    numbers = {name: value for name, value in found.items() if isinstance(value, int | float)}
    return {name: _Range(value, value, value == 0) for name, value in numbers.items()}


class _Judged:
    """The range of a formula, and the parts of it that may have no value.

    Unless it `has_slopes`, a root of 0 is 0 and no more.
    """

    def __init__(self, known: Mapping[str, _Range], *, has_slopes: bool = True) -> None:
        self.known = known
        self.has_slopes = has_slopes
        self.doubts: list[tuple[Expression, str]] = []
        self.corners: list[tuple[Expression, str]] = []

    def range_of(self, node: Expression) -> _Range:
        match node:
            case Literal(int() | float() as value):
                return _Range(value, value, value == 0)
            case Name(name):
                return self.known.get(name, _Range())
            case Operation("list", items):
                return _union(*map(self.range_of, items))
            case Operation("np.where()", (condition, then, otherwise)):
                self.range_of(condition)  # a comparison with nan is false
                sides = self._side(condition, then, True), self._side(condition, otherwise, False)
                fixed = {side.constant for side in sides} - {None}
                return _union(*sides)._replace(
                    often=_floats(fixed) | sides[0].often | sides[1].often
                )
            case Operation("-", (a, Operation(".max()", (b,)))) if a == b:
                return self.range_of(b)._replace(low=-math.inf, high=0.0, zero=True)
            case Operation("*", (a, b)) if a == b:
                inner = self.range_of(a)
                high = max(inner.low * inner.low, inner.high * inner.high)
                return _Range(0, high, inner.zero, _floats(x * x for x in inner.often))
            case Operation("*", (Operation("-", (a,)), b)) if a == b:
                return _difference(self.range_of(Operation("*", (a, b))))
            case Operation("*", (Operation("*", (factor, a)), b)) if a == b:
                return _product(self.range_of(factor), self.range_of(Operation("*", (a, b))))
            case Operation("**", (base, Literal(int() as power))) if power > 0 and power % 2 == 0:
                return _Range(0, math.inf, self.range_of(base).zero)
            case Operation(op, operands):
                ranges = [self.range_of(operand) for operand in operands]
                self._doubt(node, op, ranges)
                self._note_corner(node, op, ranges)
                made = _RULES.get(op, _any)(*ranges)
                return made._replace(often=_often(op, ranges))
        return _Range()

    def _side(self, condition: Expression, side: Expression, holds: bool) -> _Range:
        """Return the range of one side of a choice, where a comparison may say how large a name is.

        Only that: what is not chosen is computed all the same, and a logarithm has no value there.
        """
        match condition:
            case Operation(">" | ">=" | "<" | "<=" as op, (Name(name), limit)) if (
                op[0] == "<"
            ) == holds:
                known, found = self.known, self.range_of(Name(name))
                high = min(found.high, self.range_of(limit).high)
                self.known = {**known, name: found._replace(high=max(high, found.low))}
                made = self.range_of(side)
                self.known = known
                return made
        return self.range_of(side)

    def _note_corner(self, node: Operation, op: str, ranges: list[_Range]) -> None:
        """Note a corner at a number that an operand often is exactly."""
        limits: tuple[float, ...] = (0.0,) if op in ("relu()", "np.abs()") else ()
        inner, *others = ranges
        part = node.operands[0]
        if op in _CHOICES and node.operands[0] == node.operands[-1]:
            self.corners.append((node, "the formula compares a value with itself"))
        elif op in _CHOICES and inner.constant is not None:
            limits, inner, part = (inner.constant,), ranges[1], node.operands[1]
        elif op in (*_CHOICES, "np.clip()"):
            limits = tuple(r.constant for r in others if r.constant is not None)
        for limit in limits:
            if limit in inner.often:
                said = f"`{on_page(node)}` has a corner at {limit:g}, and `{on_page(part)}` is"
                self.corners.append((node, f"{said} often exactly {limit:g}"))

    def _doubt(self, node: Operation, op: str, ranges: list[_Range]) -> None:
        inner = ranges[-1]
        if op in ("np.exp()", "np.sinh()", "np.cosh()"):
            what = f"takes {op[3:-2]} of `{on_page(node.operands[0])}`, {LARGE}"
            if inner.high > MAX_EXPONENT or (op != "np.exp()" and inner.low < -MAX_EXPONENT):
                self.doubts.append((node, f"the formula {what}"))
        if op == "**":
            inner, exponent = ranges
            if exponent.low == exponent.high and exponent.low >= 0 and exponent.low % 1 == 0:
                return
            if exponent.low == exponent.high and exponent.low % 1 == 0:
                op = "/"
            elif exponent.low > 0 and inner.low >= 0:
                return
        if op == "np.sqrt()" and inner.low >= 0 and not self.has_slopes:
            return
        what, part = {
            "**": ("takes a power of `{}`, which may be {}", node.operands[0]),
            "/": ("divides by `{}`, which may be 0", node.operands[node.op == "/"]),
            "np.log()": ("takes the logarithm of `{}`, which may be {}", node.operands[0]),
            "np.sqrt()": ("takes the root of `{}`, which may be {}", node.operands[0]),
        }.get(op, ("", node))
        if not what or not (inner.zero or (inner.low < 0 and op != "/")):
            return
        how = "negative" if inner.low < 0 else "0"
        self.doubts.append((node, f"the formula {what.format(on_page(part), how)}"))


_CHOICES = ("np.maximum()", "np.minimum()")


def _floats(values: Iterable[float | None]) -> frozenset[float]:
    return frozenset(float(value) for value in values if value is not None)


def _often(op: str, ranges: list[_Range]) -> frozenset[float]:
    """Return the numbers that a result often is exactly, as that of a relu is 0."""
    inner, *others = ranges
    constants = [r.constant for r in ranges]
    match op:
        case "relu()":
            return _floats(max(0.0, x) for x in (0.0, *inner.often))
        case "np.abs()":
            return _floats(map(abs, inner.often))
        case "np.maximum()" | "np.minimum()" if any(c is not None for c in constants):
            choose = max if op == "np.maximum()" else min
            limit = next(c for c in constants if c is not None)
            return _floats(choose(limit, x) for r in ranges for x in (limit, *r.often))
        case "np.clip()" if None not in constants[1:]:
            low, high = (c or 0.0 for c in constants[1:])
            return _floats(min(max(x, low), high) for x in (low, high, *inner.often))
        case "-" if not others:
            return _floats(-x for x in inner.often)
        case "*" | "/":
            return _floats(
                x for r in (ranges if op == "*" else ranges[:1]) for x in r.often if x == 0
            )
        case "+" | "-" if constants[1] is not None:
            shift = constants[1] if op == "+" else -constants[1]
            return _floats(x + shift for x in inner.often)
    return frozenset()


def _power(base: _Range, exponent: _Range) -> _Range:
    if base.low >= 0 and base.high <= 1 and exponent.low >= 0:
        return _Range(0, base.high**exponent.low, base.zero)
    return _Range(0, math.inf, False) if base.low > 0 else _Range()


def _any(*ranges: _Range) -> _Range:
    return _Range()


def _union(*ranges: _Range) -> _Range:
    return _Range(
        min(r.low for r in ranges), max(r.high for r in ranges), any(r.zero for r in ranges)
    )


def _sum(a: _Range, b: _Range) -> _Range:
    low, high = a.low + b.low, a.high + b.high
    is_apart = (min(a.low, b.low) >= 0 or max(a.high, b.high) <= 0) and not (a.zero and b.zero)
    return _Range(low, high, low <= 0 <= high and not is_apart)


def _difference(a: _Range, b: _Range | None = None) -> _Range:
    if b is None:
        return _Range(-a.high, -a.low, a.zero)
    return _sum(a, _Range(-b.high, -b.low, b.zero))


def _product(a: _Range, b: _Range) -> _Range:
    corners = [0.0 if 0 in (x, y) else x * y for x, y in product(a[:2], b[:2])]
    return _Range(min(corners), max(corners), a.zero or b.zero)


def _quotient(a: _Range, b: _Range) -> _Range:
    if b.low >= 0:
        return _Range(0.0 if a.low >= 0 else -math.inf, math.inf, a.zero)
    return _Range(zero=a.zero)


def _exponential(a: _Range) -> _Range:
    low, high = (math.exp(min(x, 700.0)) if x > -math.inf else 0.0 for x in a[:2])
    return _Range(low, high if a.high <= 700 else math.inf, False)


def _larger(a: _Range, b: _Range) -> _Range:
    low = max(a.low, b.low)
    return _Range(low, max(a.high, b.high), low <= 0 and (a.zero or b.zero))


def _smaller(a: _Range, b: _Range) -> _Range:
    return _difference(_larger(_difference(a), _difference(b)))


def _size(a: _Range) -> _Range:
    return _Range(0, max(abs(a.low), abs(a.high)), a.zero)


def _root(a: _Range) -> _Range:
    low, high = (math.sqrt(max(0.0, x)) for x in a[:2])
    return _Range(low, high, a.zero)


def _logarithm(a: _Range) -> _Range:
    low = math.log(a.low) if a.low > 0 else -math.inf
    high = math.log(a.high) if a.high > 0 else math.inf
    return _Range(low, high, low <= 0 <= high)


def _over_examples(a: _Range) -> _Range:
    return a if a.low >= 0 or a.high <= 0 else _Range()


_RULES: dict[str, Callable[..., _Range]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
    "**": _power,
    "np.exp()": _exponential,
    "np.cosh()": lambda a: _Range(1, math.inf, False),
    "np.sqrt()": _root,
    "np.log()": _logarithm,
    "np.abs()": _size,
    "np.tanh()": lambda a: _Range(-1, 1, a.zero),
    "np.sin()": lambda a: _Range(-1, 1),
    "np.cos()": lambda a: _Range(-1, 1),
    "sigmoid()": lambda a: _Range(0, 1, False),
    "softplus()": lambda a: _Range(0, math.inf, False),
    "relu()": lambda a: _larger(_Range(0, 0), a),
    "softmax()": lambda a: _Range(0, 1, False),
    "log_softmax()": lambda a: _Range(-math.inf, 0),
    "np.maximum()": _larger,
    "np.minimum()": _smaller,
    "np.clip()": lambda a, low, high: _smaller(_larger(a, low), high),
    "np.concatenate()": lambda a: a,
    "pick()": lambda a, place: a,
    **dict.fromkeys(REDUCTIONS, _over_examples),
}
