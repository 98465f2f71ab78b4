"""The slope of a formula along one of its variables."""

from __future__ import annotations

from collections.abc import Callable

from nndsl.program.formula.expression import (
    MINUS_ONE,
    ONE,
    ZERO,
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    add,
    divide,
    multiply,
    negative,
    power,
    whole,
)

# The slope of a function of u, by u. tan and tanh stand for themselves in theirs, so that nothing
# overflows; that of abs is the sign, and 0 at the kink.
SLOPES: dict[str, Callable[[Expression], Expression]] = {
    "sqrt": lambda u: divide(ONE, multiply(whole(2), Call("sqrt", u))),
    "exp": lambda u: Call("exp", u),
    "log": lambda u: divide(ONE, u),
    "sin": lambda u: Call("cos", u),
    "cos": lambda u: negative(Call("sin", u)),
    "tan": lambda u: add(ONE, power(Call("tan", u), whole(2))),
    "sinh": lambda u: Call("cosh", u),
    "cosh": lambda u: Call("sinh", u),
    "tanh": lambda u: add(ONE, negative(power(Call("tanh", u), whole(2)))),
    "abs": lambda u: Call("sign", u),
}


def differentiate(expression: Expression, name: str) -> Expression:
    """Return the derivative of a formula by the variable `name`."""
    match expression:
        case Constant():
            return ZERO
        case Variable():
            return ONE if expression.name == name else ZERO
        case Sum():
            return add(*(differentiate(term, name) for term in expression.terms))
        case Product():
            return _product(expression, name)
        case Power():
            return _power(expression.base, expression.exponent, name)
        case Call():
            inner = differentiate(expression.argument, name)
            if inner == ZERO:
                return ZERO
            return multiply(inner, SLOPES[expression.function](expression.argument))


def _product(product: Product, name: str) -> Expression:
    terms = []
    for position, factor in enumerate(product.factors):
        slope = differentiate(factor, name)
        if slope != ZERO:
            before, after = product.factors[:position], product.factors[position + 1 :]
            terms.append(multiply(product.coefficient, *before, slope, *after))
    return add(*terms)


def _power(base: Expression, exponent: Expression, name: str) -> Expression:
    """u**v has the slope v u**(v - 1) u' + u**v log(u) v'."""
    of_base, of_exponent = differentiate(base, name), differentiate(exponent, name)
    terms = []
    if of_base != ZERO:
        lower = power(base, add(exponent, MINUS_ONE))
        terms.append(multiply(exponent, lower, of_base))
    if of_exponent != ZERO and base != ZERO:
        terms.append(multiply(power(base, exponent), Call("log", base), of_exponent))
    return add(*terms)
