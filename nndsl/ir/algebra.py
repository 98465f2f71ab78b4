"""Algebra on trees: expressions in simplified form, and how that is written.

A simplified expression is made of exact numbers (0.1 is one tenth), names, sums and products of
two or more operands, powers, and functions. A product begins with its coefficient; a difference is
a sum with a coefficient of -1, a quotient a product with powers of negative exponents. Sums are
not multiplied out, so that a derivative keeps the shape of its formula.
"""

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from itertools import count
from typing import TypeGuard

from nndsl.ir.printer import CALL, enclosed, tightness
from nndsl.ir.symbols import number
from nndsl.ir.tree import Expression, Literal, Name, Operation

MAX_BITS = 1024  # of a power of a number that is worked out: as large as a float can be
MAX_EXACT = 2**53  # whole numbers beyond it are written as floats
MAX_NUMBERED = 100_000  # expressions that are told apart by numbers before all is forgotten
MAX_DIGITS = 10  # characters of a decimal; what is longer is written as a fraction


class DecimalFraction(Fraction):
    """A number that is written with a point, or that follows from one."""


def exact(value: Fraction | int) -> Literal:
    """Return a number of a simplified expression."""
    return Literal(value if isinstance(value, Fraction) else Fraction(value), "")


ZERO, ONE, MINUS_ONE = exact(0), exact(1), exact(-1)


def simplified(node: Expression, values: Mapping[str, Expression] | None = None) -> Expression:
    """Return an expression in simplified form, with simplified expressions as `values` of names."""
    match node:
        case Name(name):
            return (values or {}).get(name, node)
        case Literal(int() | float() as value):
            return exact(value if isinstance(value, int) else DecimalFraction(repr(value)))
        case Operation("+" | "-", (_, _), ()):
            terms = [(op, simplified(term, values)) for op, term in _chain(node, "+-")]
            return add(*(negative(term) if op == "-" else term for op, term in terms))
        case Operation("*" | "/", (_, _), ()):
            factors = [(op, simplified(factor, values)) for op, factor in _chain(node, "*/")]
            return multiply(*(power(f, MINUS_ONE) if op == "/" else f for op, f in factors))
        case Operation(op, operands, ()):
            match op, [simplified(operand, values) for operand in operands]:
                case "-", [operand]:
                    return negative(operand)
                case "**", [base, exponent]:
                    return power(base, exponent)
                case _, made:
                    return Operation(op, tuple(made))
    raise TypeError(f"there is no algebra of {node}")


def _chain(node: Expression, operators: str) -> list[tuple[str, Expression]]:
    """Return the operands of a + b - c or a * b / c, each with its operator; the first has none."""
    found: list[tuple[str, Expression]] = []
    while isinstance(node, Operation) and node.op in (*operators,) and len(node.operands) == 2:
        left, right = node.operands
        found.append((node.op, right))
        node = left
    return [("", node), *reversed(found)]


def add(*parts: Expression) -> Expression:
    """Return a sum in which like terms are one: x y + y x is 2 x y."""
    terms: dict[int, tuple[Expression, Fraction]] = {}
    for part in parts:
        for term in part.operands if _is_operation(part, "+") else (part,):
            coefficient, factors = _factors(term)
            rest = _product(Fraction(1), factors)
            first, before = terms.get(key := _without_order(rest), (rest, Fraction(0)))
            terms[key] = first, _as_decimal(before + coefficient, before, coefficient)
    left = [
        multiply(exact(coefficient), rest) for rest, coefficient in terms.values() if coefficient
    ]
    if len(left) < 2:
        return left[0] if left else ZERO
    return Operation("+", tuple(left))


def multiply(*parts: Expression) -> Expression:
    """Return a product with one number, in which powers of one base are one: x x is x**2."""
    coefficient = Fraction(1)
    powers: dict[int, tuple[Expression, Expression]] = {}
    for part in parts:
        value, factors = _factors(part)
        coefficient = _as_decimal(coefficient * value, coefficient, value)
        for factor in factors:
            base, exponent = _base_and_exponent(factor)
            if (known := powers.get(key := _without_order(base))) is not None:
                base, exponent = known[0], add(known[1], exponent)
            powers[key] = base, exponent
    found: list[Expression] = []
    for base, exponent in powers.values():
        value, factors = _factors(power(base, exponent))
        coefficient = _as_decimal(coefficient * value, coefficient, value)
        found += factors
    return _product(coefficient, sorted(found, key=_rank)) if coefficient else ZERO


_next = count()
_number_of: dict[Hashable, int] = {}  # of an expression, by its operation and its operands' numbers
_numbered: dict[int, tuple[Expression, int]] = {}  # by identity: hashing a deep tree takes long


def _without_order(node: Expression) -> int:
    """Return a number that expressions share if they differ only in the order of terms, factors."""
    if (known := _numbered.get(id(node))) is not None:
        return known[1]
    key: Hashable = node
    if isinstance(node, Operation):
        operands = map(_without_order, node.operands)
        is_ordered = node.op not in ("+", "*")
        key = node.op, tuple(operands) if is_ordered else tuple(sorted(operands))
    if len(_numbered) > MAX_NUMBERED:
        _numbered.clear()
        _number_of.clear()
    if (found := _number_of.get(key)) is None:
        found = _number_of[key] = next(_next)
    _numbered[id(node)] = node, found
    return found


def power(base: Expression, exponent: Expression) -> Expression:
    """Return a power, worked out where it is one of numbers, or a whole power of a product."""
    if exponent == ZERO or base == ONE:
        return ONE
    match exponent:
        case Literal(Fraction(denominator=1, numerator=whole)):
            pass
        case _:
            return Operation("**", (base, exponent))
    if whole == 1:
        return base
    match base:
        case Literal(Fraction() as value) if _is_short(value, whole):
            return exact(_as_decimal(value**whole, value))
        case Operation("**", (inner, first)):
            return power(inner, multiply(first, exponent))
        case Operation("*", (Literal(Fraction() as value), *_)) if _is_short(value, whole):
            return multiply(*(power(factor, exponent) for factor in base.operands))
    return Operation("**", (base, exponent))


def negative(node: Expression) -> Expression:
    """Return -node."""
    return multiply(MINUS_ONE, node)


def _is_operation(node: Expression, op: str) -> TypeGuard[Operation]:
    return isinstance(node, Operation) and node.op == op


def _factors(part: Expression) -> tuple[Fraction, Sequence[Expression]]:
    """Return the coefficient of a product, and its other factors."""
    match part:
        case Literal(Fraction() as value):
            return value, ()
        case Operation("*", (Literal(Fraction() as value), *factors)):
            return value, factors
    return Fraction(1), (part,)


def _product(coefficient: Fraction, factors: Sequence[Expression]) -> Expression:
    if not factors:
        return exact(coefficient)
    if coefficient == 1 and len(factors) == 1:
        return factors[0]
    return Operation("*", (exact(coefficient), *factors))


def _base_and_exponent(factor: Expression) -> tuple[Expression, Expression]:
    match factor:
        case Operation("**", (base, exponent)):
            return base, exponent
    return factor, ONE


def _as_decimal(value: Fraction, *sources: Fraction) -> Fraction:
    """Return a number as a decimal where one of those is one that it follows from."""
    is_decimal = any(isinstance(source, DecimalFraction) for source in sources)
    return DecimalFraction(value) if is_decimal else value


def _is_short(value: Fraction, exponent: int) -> bool:
    """Can a power be worked out, and is it short enough to be worth it?"""
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    return (value != 0 or exponent > 0) and (bits - 1) * abs(exponent) <= MAX_BITS


def _rank(factor: Expression) -> int:
    """Return where a factor stands in a product: names and their powers, functions, sums."""
    base, _ = _base_and_exponent(factor)
    if not isinstance(base, Operation) or base.op in ("*", "**"):
        return 0
    return 2 if base.op == "+" else 1


# --- How it is written ------------------------------------------------------------------


def written(node: Expression) -> Expression:
    """Return a simplified expression as a reader expects it: with differences and fractions.

    OverflowError where it holds a number that no float can hold.
    """
    match node:
        case Name():
            return node
        case Operation("+", (first, *rest)):
            return reduce(_with_term, rest, written(first))
        case Operation("**", (base, exponent)) if not _is_divisor(node):
            above = written(exponent)
            above = above if tightness(above) >= CALL else enclosed(above)
            return _binary("**", written(base), above)
        case Operation(op, operands) if op not in ("*", "**"):
            return Operation(op, tuple(map(written, operands)))
    return _fraction(node)


def _with_term(sum: Expression, term: Expression) -> Expression:
    if _factors(term)[0] < 0:
        return _binary("-", sum, written(negative(term)))
    return _binary("+", sum, written(term))


def _fraction(node: Expression) -> Expression:
    """Return a product, its powers of negative exponents below a stroke."""
    coefficient, factors = _factors(node)
    above, below = _number(abs(coefficient), isinstance(coefficient, DecimalFraction))
    for factor in factors:
        if _is_divisor(factor):
            below.append(written(power(factor, MINUS_ONE)))
        else:
            above.append(written(factor))
    first, *rest = above or [number(1)]
    first = Operation("-", (first,)) if coefficient < 0 else first
    product = reduce(_times, rest, first)
    return _binary("/", product, reduce(_times, below)) if below else product


def _is_divisor(factor: Expression) -> bool:
    match factor:
        case Operation("**", (_, Literal(Fraction() as exponent))):
            return exponent < 0
    return False


def _number(value: Fraction, is_decimal: bool) -> tuple[list[Expression], list[Expression]]:
    """Return what stands above and below the stroke for a positive number; ones are left out."""
    largest = max(value.numerator, value.denominator)
    if value.denominator == 1 and largest <= MAX_EXACT:
        return [number(value.numerator)] * (value != 1), []
    if is_decimal or largest > MAX_EXACT:
        if len((above := _decimal(value)).text) <= MAX_DIGITS or largest > MAX_EXACT:
            return [above], []
        if len((below := _decimal(1 / value)).text) <= MAX_DIGITS:
            return [], [below]
    return [number(value.numerator)] * (value.numerator != 1), [number(value.denominator)]


def _decimal(value: Fraction) -> Literal:
    made = number(float(value))
    assert isinstance(made, Literal)
    text = made.text
    return Literal(made.value, text if "e" in text else text.removesuffix(".0"))


def _binary(op: str, left: Expression, right: Expression) -> Operation:
    return Operation(op, (left, right))


def _times(left: Expression, right: Expression) -> Operation:
    return _binary("*", left, right)
