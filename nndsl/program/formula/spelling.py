"""How algebra is written: as a line of Python that reads like the line of a textbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from nndsl.program.constants import literal
from nndsl.program.formula.expression import (
    MINUS_ONE,
    ONE,
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    negative,
    power,
)

_SUM, _PRODUCT, _ATOM = range(3)
_SHORT = 10  # characters of a decimal
EXACT = 2**53  # whole numbers beyond it are written as floats


@dataclass(frozen=True, slots=True)
class Spelling:
    """How names stand in the text: variables by their names there, functions behind `module`."""

    names: Mapping[str, str] = field(default_factory=dict)
    module: str = ""

    def spell(self, expression: Expression) -> str:
        """Return the text of an expression. OverflowError where a number is too large."""
        first, *rest = self.terms(expression)
        return " ".join([first, *rest])

    def terms(self, expression: Expression) -> list[str]:
        """Return the text of each term of a sum, all but the first with their sign before them."""
        terms = expression.terms if isinstance(expression, Sum) else (expression,)
        texts = [self._bound(terms[0])[0]]
        for term in terms[1:]:
            if _coefficient(term).value < 0:
                texts.append(f"- {self._at_least(_PRODUCT, negative(term))}")
            else:
                texts.append(f"+ {self._at_least(_PRODUCT, term)}")
        return texts

    def _at_least(self, least: int, expression: Expression) -> str:
        text, binding = self._bound(expression)
        return text if binding >= least else f"({text})"

    def _bound(self, expression: Expression) -> tuple[str, int]:
        match expression:
            case Variable(name):
                return self.names.get(name, name), _ATOM
            case Call(function, argument):
                return f"{self.module}{function}({self.spell(argument)})", _ATOM
            case Sum():
                return self.spell(expression), _SUM
            case Power() if not _is_below(expression):
                base = self._at_least(_ATOM, expression.base)
                return f"{base}**{self._at_least(_ATOM, expression.exponent)}", _PRODUCT
        return self._product(expression)

    def _product(self, expression: Expression) -> tuple[str, int]:
        """Return the text of a product, its parts of negative powers below a stroke."""
        number = _coefficient(expression)
        factors = expression.factors if isinstance(expression, Product) else (expression,)
        factors = () if isinstance(expression, Constant) else factors
        top, bottom = _fraction(Constant(abs(number.value), number.is_decimal))
        above = [top] if top != "1" else []
        below = [bottom] if bottom != "1" else []
        for factor in factors:
            if _is_below(factor):
                below.append(self._at_least(_PRODUCT, power(factor, MINUS_ONE)))
            else:
                above.append(self._at_least(_PRODUCT, factor))
        text = " * ".join(above) or "1"
        if below:
            is_one = len(below) == 1
            text += f" / {below[0]}" if is_one else f" / ({' * '.join(below)})"
        is_atom = number.value >= 0 and len(above) <= 1 and not factors and not below
        return f"{'-' * (number.value < 0)}{text}", _ATOM if is_atom else _PRODUCT


def _coefficient(term: Expression) -> Constant:
    match term:
        case Constant():
            return term
        case Product():
            return term.coefficient
    return ONE


def _is_below(factor: Expression) -> bool:
    """Is a factor one to divide by?"""
    if not isinstance(factor, Power) or not isinstance(factor.exponent, Constant):
        return False
    return factor.exponent.value < 0


def _fraction(number: Constant) -> tuple[str, str]:
    """Return a positive number as the text above a stroke and the text below it."""
    value = number.value
    parts = (value.numerator, value.denominator)
    if value.denominator == 1 and value.numerator <= EXACT:
        return str(value.numerator), "1"
    if number.is_decimal or max(parts) > EXACT:
        if len(text := _decimal(value)) <= _SHORT or max(parts) > EXACT:
            return text, "1"
        if len(text := _decimal(1 / value)) <= _SHORT:
            return "1", text
    return str(value.numerator), str(value.denominator)


def _decimal(value: Fraction) -> str:
    text = literal(float(value))
    return text.removesuffix(".0") if "e" not in text else text
