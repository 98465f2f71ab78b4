"""Numbers that remember how they are made of named ones: `4 * HIDDEN` is 400, and says so.

A `SymbolicInt` is an int in all respects, and has a tree. It is a sum of products, so that
`2 * (2 * H)` is `4 * H`, and a length that is multiplied and divided again is what it was. A number
whose expression would be long is a plain one.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Self

from nndsl.ir import printer
from nndsl.ir.tree import Expression, Literal, Name, Operation, parts

MAX_PARTS = 32  # of an expression: names, numbers and operations
MAX_EXPONENT = 4

Factors = tuple[Expression, ...]  # of a product, in alphabetical order
Terms = Mapping[Factors, int]  # what is added up: products, each with its coefficient


class SymbolicInt(int):
    """A whole number with the expression that it comes from."""

    terms: Terms

    def __new__(cls, value: int, terms: Terms) -> Self:
        made = super().__new__(cls, value)
        made.terms = terms
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return SymbolicInt, (int(self), self.terms)

    @property
    def tree(self) -> Expression:
        """The expression as code has it: what is subtracted behind the rest, a number last."""
        terms = sorted(self.terms.items(), key=lambda term: (term[1] < 0, not term[0]))
        (factors, coefficient), *rest = terms
        made = _product(factors, coefficient)
        for factors, coefficient in rest:
            term = _product(factors, abs(coefficient))
            made = Operation("-" if coefficient < 0 else "+", (made, term))
        return made

    def __add__(self, other: Any) -> Any:
        return _sum(self, other) if isinstance(other, int) else NotImplemented

    def __radd__(self, other: Any) -> Any:
        return _sum(other, self) if isinstance(other, int) else NotImplemented

    def __sub__(self, other: Any) -> Any:
        return _sum(self, -other) if isinstance(other, int) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return _sum(other, -self) if isinstance(other, int) else NotImplemented

    def __neg__(self) -> int:
        return _made(-int(self), {factors: -count for factors, count in self.terms.items()})

    def __pos__(self) -> int:
        return self

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return NotImplemented
        if not isinstance(other, SymbolicInt):  # each product that is added up so many times
            return _made(int(self) * other, {f: n * other for f, n in self.terms.items()})
        (left, first), (right, second) = _one_product(self), _one_product(other)
        return _made(int(self) * int(other), {_ordered((*left, *right)): first * second})

    __rmul__ = __mul__

    def __pow__(self, other: Any, modulus: Any = None) -> Any:
        if modulus is None and type(other) is int and 0 <= other <= MAX_EXPONENT:
            return math.prod([self] * other)
        return pow(int(self), other, modulus)

    def __floordiv__(self, other: Any) -> Any:
        return _quotient(self, other) if isinstance(other, int) else NotImplemented

    def __rfloordiv__(self, other: Any) -> Any:
        return _quotient(other, self) if isinstance(other, int) else NotImplemented

    def __mod__(self, other: Any) -> Any:
        return _remainder(self, other) if isinstance(other, int) else NotImplemented

    def __rmod__(self, other: Any) -> Any:
        return _remainder(other, self) if isinstance(other, int) else NotImplemented


class SymbolicFloat(float):
    """A number with the expression that it comes from. What is calculated with it is plain."""

    tree: Expression

    def __new__(cls, value: float, tree: Expression) -> Self:
        made = super().__new__(cls, value)
        made.tree = tree
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return SymbolicFloat, (float(self), self.tree)


Symbolic = SymbolicInt | SymbolicFloat


def symbol(name: str, value: float) -> float:
    """Return a number that is written by its name."""
    return with_tree(value, Name(name))


def with_tree(value: float, tree: Expression) -> float:
    """Return a number that is written as an expression, unless that is long."""
    if sum(1 for _ in parts(tree)) > MAX_PARTS:
        return value
    if isinstance(value, float):
        return SymbolicFloat(value, tree)
    return SymbolicInt(int(value), {(tree,): 1})


def with_name(value: Any, name: str, tree: Expression) -> Any:
    """Return a number in which a name stands for what it is made of; so in a tuple, too."""
    if isinstance(value, tuple):
        return tuple(with_name(one, name, tree) for one in value)
    if not isinstance(value, SymbolicInt):
        return value
    if value.tree == tree:
        return symbol(name, value)
    terms = {
        _ordered(Name(name) if factor == tree else factor for factor in factors): count
        for factors, count in value.terms.items()
    }
    return SymbolicInt(int(value), terms)


def as_float(value: float) -> float:
    """Return a number as a float that is written as it is."""
    return with_tree(float(value), value.tree) if isinstance(value, Symbolic) else float(value)


def as_int(value: float) -> int:
    """Return a number without a fraction as a whole one: of `H / 2`, `H // 2`."""
    match value:
        case int():
            return value
        case SymbolicFloat(tree=Operation("/", operands)):
            return _whole(int(value), Operation("//", operands))
    return int(value)


def number(value: float) -> Expression:
    """Return a number as code."""
    if isinstance(value, Symbolic):
        return value.tree
    if value < 0:
        return Operation("-", (number(-value),))
    return Literal(value, shortest(value))


def shortest(value: float) -> str:
    """Return the shortest digits of a number, without zeros before an exponent: 1e-7."""
    return repr(value).replace("e-0", "e-").replace("e+0", "e+")


def code(value: float) -> str:
    """Return a number as the text of code."""
    return printer.expression(number(value))


def plain(value: float) -> int | float:
    """Return a number that remembers nothing."""
    return int(value) if isinstance(value, int) else float(value)


def name_of(value: object) -> str:
    """Return the name that a number is written by, where it is written by no more than that."""
    tree = value.tree if isinstance(value, Symbolic) else None
    return tree.id if isinstance(tree, Name) else ""


def exactly(whole: int, part: int) -> int:
    """Return `whole // part` where it is known that nothing is left, whatever the names stand for.

    So `4 * (H // 4) * T` by `H` is `T`.
    """
    found = whole // part
    if not isinstance(found, SymbolicInt):
        return found
    (over, above), (under, below) = _fraction(number(whole)), _fraction(number(part))
    share, factors = over / under, above.copy()
    factors.subtract(below)
    if share.denominator > 1 or min(factors.values()) < 0:
        return found
    return _made(int(found), {_ordered(factors.elements()): share.numerator})


def _fraction(node: Expression) -> tuple[Fraction, Counter[Expression]]:
    """Return what is multiplied in an expression: a number, and how often each other factor."""
    match node:
        case Literal(int(value)):
            return Fraction(value), Counter()
        case Operation("*" | "//" as op, (left, right)):
            (first, factors), (second, more) = _fraction(left), _fraction(right)
            if op == "*":
                factors.update(more)
                return first * second, factors
            factors.subtract(more)
            return first / second, factors
        case Operation("**", (base, Literal(int(power)))):
            share, factors = _fraction(base)
            return share**power, Counter({factor: n * power for factor, n in factors.items()})
    return Fraction(1), Counter([node])


# --- Polynomials ------------------------------------------------------------------------


def _terms(value: int) -> Terms:
    return value.terms if isinstance(value, SymbolicInt) else {(): value}


def _one_product(value: SymbolicInt) -> tuple[Factors, int]:
    """Return a number as a product; a sum is one factor of it, in parentheses."""
    terms = [*value.terms.items()]
    return terms[0] if len(terms) == 1 else ((value.tree,), 1)


def _made(value: int, terms: Terms) -> int:
    """Return a number that is so many products; a plain one where there is no name in them."""
    kept = {factors: count for factors, count in terms.items() if count}
    if not any(kept):
        return value
    made = SymbolicInt(value, kept)
    return value if sum(1 for _ in parts(made.tree)) > MAX_PARTS else made


def _ordered(factors: Iterable[Expression]) -> Factors:
    return tuple(sorted(factors, key=printer.expression))


def _product(factors: Factors, coefficient: int) -> Expression:
    powers = Counter(factors).items()
    made = [f if n == 1 else Operation("**", (f, number(n))) for f, n in powers]
    if abs(coefficient) != 1 or not made:
        made.insert(0, number(abs(coefficient)))
    product = made[0]
    for factor in made[1:]:
        product = Operation("*", (product, factor))
    return Operation("-", (product,)) if coefficient < 0 else product


def _sum(left: int, right: int) -> int:
    terms = Counter(_terms(left))
    for factors, count in _terms(right).items():
        terms[factors] += count
    return _made(int(left) + int(right), terms)


def _quotient(whole: int, part: int) -> int:
    """Divide each product, where that leaves nothing; else the division stays as it is.

    What is so many times the divisor comes out of it: `(8 - H) // H` is `8 // H - 1`.
    """
    value = int(whole) // int(part)
    (under, by), *more = _terms(part).items()
    if more:
        return _whole(value, Operation("//", (number(whole), number(part))))
    times = _terms(whole).get(under, 0) // by
    if times and (rest := whole - times * part):
        return _quotient(rest, part) + times
    terms: dict[Factors, int] = {}
    for factors, count in _terms(whole).items():
        if count % by or Counter(under) - Counter(factors):
            return _whole(value, Operation("//", (number(whole), number(part))))
        terms[_ordered((Counter(factors) - Counter(under)).elements())] = count // by
    return _made(value, terms)


def _remainder(whole: int, part: int) -> int:
    return _whole(int(whole) % int(part), Operation("%", (number(whole), number(part))))


def _whole(value: int, tree: Operation) -> int:
    made = with_tree(value, tree)
    assert isinstance(made, int)
    return made
