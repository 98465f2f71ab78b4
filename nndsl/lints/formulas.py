"""Lints of the formulas of a page's own layers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

from nndsl.ir import Expression, Literal, Name, Operation
from nndsl.lints.context import Finding, LintContext
from nndsl.lints.rule import NetworkLint, example
from nndsl.syntax import ast
from nndsl.vocabulary.formula_functions import REDUCTIONS

_LAYER = "layer energy {{\n  y = log({} + x * x)\n}}\n\n"


class _Range(NamedTuple):
    """Between which numbers a value lies, and whether it may be 0."""

    low: float = -math.inf
    high: float = math.inf
    zero: bool = True


@NetworkLint(
    "NN471",
    "a formula without a value",
    wrong=_LAYER.format("0") + example("dense(50); energy; dense(10)"),
    right=_LAYER.format("1") + example("dense(50); energy; dense(10)"),
)
def undefined_mathematics(context: LintContext) -> Iterator[Finding]:
    """A formula of the page takes the logarithm or the root of what may be negative or 0, or
    divides by what may be 0.

    One such number makes the loss nan or infinite, and the training ends. At 0 the slope of a root
    is infinite, too.

    Source: Goodfellow, Bengio and Courville 2016, Deep Learning, section 4.1.
    """
    words = (s.word.text for s in context.tree.statements if isinstance(s, ast.Declaration))
    if "layer" not in words:
        return
    from nndsl.vocabulary.own_layer import OwnLayer  # few pages need it

    seen = set()
    for node in context.graph.nodes:
        layer = node.layer
        if not isinstance(layer, OwnLayer) or type(layer) in seen:
            continue
        seen.add(type(layer))
        found = {name: getattr(layer, name) for name in type(layer).model_fields}
        known = {
            name: _Range(value, value, value == 0)
            for name, value in found.items()
            if isinstance(value, int | float)
        }
        known["features"] = _Range(1, math.inf, False)
        for formula in layer.formulas:
            judged = _Judged(known)
            known[formula.name] = judged.range_of(formula.value)
            for part, wrong in judged.doubts:
                where = layer.places.get(id(part), formula.span)
                yield Finding(wrong, where, "keep it away from there: add a small number, or clip")


class _Judged:
    """The range of a formula, and the parts of it that may have no value."""

    def __init__(self, known: Mapping[str, _Range]) -> None:
        self.known = known
        self.doubts: list[tuple[Expression, str]] = []

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
                return _union(self.range_of(then), self.range_of(otherwise))
            case Operation("*", (a, b)) if a == b:
                inner = self.range_of(a)
                return _Range(0, max(inner.low * inner.low, inner.high * inner.high), inner.zero)
            case Operation("**", (base, Literal(int() as power))) if power > 0 and power % 2 == 0:
                return _Range(0, math.inf, self.range_of(base).zero)
            case Operation(op, operands):
                ranges = [self.range_of(operand) for operand in operands]
                self._doubt(node, op, ranges)
                return _RULES.get(op, _any)(*ranges)
        return _Range()

    def _doubt(self, node: Operation, op: str, ranges: list[_Range]) -> None:
        inner = ranges[-1]
        if op == "**":
            inner, exponent = ranges
            if exponent.low == exponent.high and exponent.low >= 0 and exponent.low % 1 == 0:
                return
            if exponent.low == exponent.high and exponent.low % 1 == 0:
                op = "/"
        what, part = {
            "**": ("takes a power of `{}`, which may be {}", node.operands[0]),
            "/": ("divides by `{}`, which may be 0", node.operands[node.op == "/"]),
            "np.log()": ("takes the logarithm of `{}`, which may be {}", node.operands[0]),
            "np.sqrt()": ("takes the root of `{}`, which may be {}", node.operands[0]),
        }.get(op, ("", node))
        if not what or not (inner.zero or (inner.low < 0 and op != "/")):
            return
        from nndsl.vocabulary.own_word import on_page

        how = "negative" if inner.low < 0 else "0"
        self.doubts.append((node, f"the formula {what.format(on_page(part), how)}"))


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
    **dict.fromkeys(REDUCTIONS, _over_examples),
}
