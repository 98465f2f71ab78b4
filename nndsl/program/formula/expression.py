"""Formulas as algebra: sums, products and powers that simplify a little as they are made.

Numbers are exact: a decimal is what is written, 0.1 is one tenth. Sums are not multiplied out, so
that a derivative keeps the shape of its formula.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from nndsl.syntax.tree import Group, Number, Operation, Reference, Unary, Value

MAX_BITS = 1024  # of a power of a number that is worked out: as large as a float can be


@dataclass(frozen=True, slots=True)
class Constant:
    """A number. `is_decimal`: the formula writes it, or what it came from, with a point."""

    value: Fraction
    is_decimal: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one number."""

    function: str
    argument: Expression


@dataclass(frozen=True, slots=True)
class Power:
    base: Expression
    exponent: Expression


@dataclass(frozen=True, slots=True)
class Product:
    """A number times factors, none of them a number or a product."""

    coefficient: Constant
    factors: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """Two or more terms, none of them a sum."""

    terms: tuple[Expression, ...]


Expression = Constant | Variable | Call | Power | Product | Sum


def whole(number: int) -> Constant:
    """Return a whole number."""
    return Constant(Fraction(number))


ZERO, ONE, MINUS_ONE = whole(0), whole(1), whole(-1)


def add(*parts: Expression) -> Expression:
    """Return a sum in which like terms are one: x + x is 2 x."""
    terms: dict[Expression, Constant] = {}
    for part in parts:
        for term in part.terms if isinstance(part, Sum) else (part,):
            coefficient, rest = _apart(term)
            before = terms.get(rest, ZERO)
            terms[rest] = Constant(
                before.value + coefficient.value, before.is_decimal or coefficient.is_decimal
            )
    left = [multiply(number, rest) for rest, number in terms.items() if number.value]
    if len(left) < 2:
        return left[0] if left else ZERO
    return Sum(tuple(left))


def multiply(*parts: Expression) -> Expression:
    """Return a product with one number, in which powers of one base are one: x x is x**2."""
    number = ONE
    exponents: dict[Expression, Expression] = {}
    for part in parts:
        coefficient, factors = _factors(part)
        number = _times(number, coefficient)
        for factor in factors:
            base, exponent = _base_and_exponent(factor)
            exponents[base] = add(exponents[base], exponent) if base in exponents else exponent
    found: list[Expression] = []
    for base, exponent in exponents.items():
        coefficient, made = _factors(power(base, exponent))
        number = _times(number, coefficient)
        found += made
    if not number.value:
        return ZERO
    if not found:
        return number
    found.sort(key=_rank)
    return found[0] if number == ONE and len(found) == 1 else Product(number, tuple(found))


def power(base: Expression, exponent: Expression) -> Expression:
    """Return a power, worked out where it is one of numbers, or a whole power of a product."""
    if exponent == ZERO or base == ONE:
        return ONE
    if not isinstance(exponent, Constant) or exponent.value.denominator != 1:
        return Power(base, exponent)
    count = exponent.value.numerator
    if count == 1:
        return base
    match base:
        case Constant() if _is_small(base, count):
            return Constant(base.value**count, base.is_decimal)
        case Power():
            return power(base.base, multiply(base.exponent, exponent))
        case Product() if _is_small(base.coefficient, count):
            number = power(base.coefficient, exponent)
            return multiply(number, *(power(factor, exponent) for factor in base.factors))
    return Power(base, exponent)


def negative(expression: Expression) -> Expression:
    """Return - expression."""
    return multiply(MINUS_ONE, expression)


def divide(above: Expression, below: Expression) -> Expression:
    """Return above / below."""
    return multiply(above, power(below, MINUS_ONE))


OPERATIONS: dict[str, Callable[[Expression, Expression], Expression]] = {
    "+": lambda left, right: add(left, right),
    "-": lambda left, right: add(left, negative(right)),
    "*": lambda left, right: multiply(left, right),
    "/": divide,
    "**": power,
}


def from_tree(value: Value) -> Expression:
    """Return a checked formula as algebra."""
    match value:
        case Number():
            is_decimal = isinstance(value.value, float)
            return Constant(Fraction(repr(value.value)), is_decimal)
        case Group():
            return from_tree(value.inner)
        case Reference(arguments=None):
            return Variable(value.name.text)
        case Reference(arguments=(argument,)):
            return Call(value.name.text, from_tree(argument.value))
        case Unary():
            operand = from_tree(value.operand)
            return negative(operand) if value.operator == "-" else operand
        case Operation(first, rest):
            result = from_tree(first)
            for operator, side in rest:
                result = OPERATIONS[operator](result, from_tree(side))
            return result
    raise TypeError(f"a formula holds no {type(value).__name__}")


# --- Parts ----------------------------------------------------------------------------


def _apart(term: Expression) -> tuple[Constant, Expression]:
    """Return the number of a term, and the rest of it: 2 x is 2 and x, 3 is 3 and 1."""
    coefficient, factors = _factors(term)
    if not factors:
        return coefficient, ONE
    return coefficient, factors[0] if len(factors) == 1 else Product(ONE, factors)


def _factors(part: Expression) -> tuple[Constant, tuple[Expression, ...]]:
    match part:
        case Constant():
            return part, ()
        case Product():
            return part.coefficient, part.factors
    return ONE, (part,)


def _base_and_exponent(factor: Expression) -> tuple[Expression, Expression]:
    return (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)


def _times(left: Constant, right: Constant) -> Constant:
    return Constant(left.value * right.value, left.is_decimal or right.is_decimal)


def _is_small(number: Constant, exponent: int) -> bool:
    """Can a power be worked out, and is it short enough to be worth it?"""
    parts = (number.value.numerator, number.value.denominator)
    bits = max(part.bit_length() for part in parts)
    return (number.value != 0 or exponent > 0) and (bits - 1) * abs(exponent) <= MAX_BITS


def _rank(factor: Expression) -> int:
    """Return where a factor stands in a product: names and their powers, functions, sums."""
    base, _ = _base_and_exponent(factor)
    return {Call: 1, Sum: 2}.get(type(base), 0)
