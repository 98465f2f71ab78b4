"""Formulas as a person writes them: constants folded, like terms joined, what is known used."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from fractions import Fraction

from nndsl.ir.algebra import MINUS_ONE, add, multiply, power, simplified, written
from nndsl.ir.printer import enclosed
from nndsl.ir.rows import Dimensions, Rows
from nndsl.ir.tree import Expression, Literal, Name, Operation, mapped, transformed
from nndsl.record import record

ARITHMETIC = ("+", "-", "*", "/", "**")


@record
class Surroundings:
    """What a formula may use.

    `products` are values that have a name, with their factors; `factors` are names that are worth
    a bracket around what they multiply.
    """

    products: Mapping[str, Sequence[Expression]]
    factors: Container[str]
    shape_of: Callable[[Expression], Dimensions | None]


def tidied(node: Expression, around: Surroundings) -> Expression:
    """Return an expression, and all inside it, in the form in which a person would write it.

    Every number is treated alone by sums, products and powers, so these are those of algebra;
    whatever else there is stands for itself.
    """
    return _Tidying(around).tidied(node)


class _Tidying:
    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.atoms: dict[Expression, str] = {}
        self.meaning: dict[str, Expression] = {}

    def tidied(self, node: Expression) -> Expression:
        match node:
            case Name() | Literal():
                return node
            case Operation(op, options=()) if op in ARITHMETIC:
                return self._arithmetic(node)
        return _plain(mapped(node, self.tidied))

    def _arithmetic(self, node: Operation) -> Expression:
        simple = transformed(simplified(self._lifted(node)), self._improved)
        return transformed(transformed(written(simple), self._lowered), _multiplied_out)

    def _lifted(self, node: Expression) -> Expression:
        """Return arithmetic whose operands are names and numbers; each name stands for the rest."""
        match node:
            case Name():
                return node
            case Literal(int() | float() as value) if not isinstance(value, bool):
                return node
            case Operation(op, operands, ()) if op in ARITHMETIC:
                return Operation(op, tuple(map(self._lifted, operands)))
        rest = self.tidied(node)
        if rest not in self.atoms:
            self.atoms[rest] = name = f"({len(self.atoms)})"  # no name of a program
            self.meaning[name] = rest
        return Name(self.atoms[rest])

    def _lowered(self, node: Expression) -> Expression:
        match node:
            case Name(name) if name in self.meaning:
                return self.meaning[name]
        return node

    def _in_order(self, product: Expression) -> Expression:
        """Return a product whose gradients stand first, behind its number."""
        if not isinstance(product, Operation) or product.op != "*":
            return product

        def rank(factor: Expression) -> int:
            if isinstance(factor, Literal):
                return 0
            return 1 if isinstance(factor, Name) and factor.id in self.around.factors else 2

        return Operation("*", tuple(sorted(product.operands, key=rank)))

    # --- On simplified expressions: sums and products of any number of operands ---------------

    def _improved(self, node: Expression) -> Expression:
        match node:
            case Operation("*"):
                return self._in_order(self._with_known_products(self._with_means(node)))
            case Operation("+"):
                return self._bracketed(node)
        return node

    def _with_means(self, product: Operation) -> Expression:
        """Return sum(x) / length as mean(x)."""
        for factor in product.operands:
            match self.meaning.get(getattr(factor, "id", "")):
                case Operation(".sum()", (inner,), options):
                    for other in product.operands:
                        if self._counts(other, inner, dict(options)):
                            mean = self._lifted(Operation(".mean()", (inner,), options))
                            rest = [f for f in product.operands if f not in (factor, other)]
                            return multiply(*rest, mean)
        return product

    def _counts(
        self, factor: Expression, inner: Expression, options: Mapping[str, Expression]
    ) -> bool:
        """Is a factor 1 / the number of those that are summed?"""
        shape = self.around.shape_of(inner)
        match factor:
            case Operation("**", (Name(name), Literal(Fraction() as exponent))) if exponent == -1:
                pass
            case _:
                return False
        if shape is None:
            return False
        axis = options.get("axis")
        match axis, self.meaning.get(name, Name(name)):
            case None, Operation(".size", (whole,)):
                return self.around.shape_of(whole) == shape
            case Literal(int(at)), Operation("[]", (Operation(".shape", (whole,)), Literal(where))):
                lengths = self.around.shape_of(whole)
                return at == where and lengths is not None and lengths[at] == shape[at]
            case Literal(int(at)), Name("N"):
                return shape[at] == Rows()
        return False

    def _with_known_products(self, product: Expression) -> Expression:
        """Return a product in which what the forward pass multiplied stands as its name."""
        for name, factors in self.around.products.items():
            if not isinstance(product, Operation) or product.op != "*":
                return product
            if all(factor in product.operands for factor in factors):
                rest = [f for f in product.operands if f not in factors]
                product = multiply(*rest, Name(name))
        return product

    def _bracketed(self, total: Operation) -> Expression:
        """Return d a + d b as d (a + b)."""
        first = total.operands[0]
        candidates = first.operands if isinstance(first, Operation) and first.op == "*" else ()
        for factor in (first, *candidates):
            if not isinstance(factor, Name) or factor.id not in self.around.factors:
                continue
            inverse = power(factor, MINUS_ONE)
            if all(factor in _factors(term) for term in total.operands):
                rest = add(*(multiply(term, inverse) for term in total.operands))
                return multiply(factor, rest)
        return total


def _factors(term: Expression) -> tuple[Expression, ...]:
    if isinstance(term, Operation) and term.op == "*":
        return term.operands
    return (term,)


def _plain(node: Expression) -> Expression:
    """Return an operation without one inside that it undoes."""
    match node:
        case Operation(".reshape()", (Operation(".reshape()", (inner, *_)), *lengths)):
            return Operation(".reshape()", (inner, *lengths))
        case Operation(".T", (Operation(".T", (inner,)),)):
            return inner
    return node


def _multiplied_out(node: Expression) -> Expression:
    """Return a square of a name as a product: it is faster, and so a textbook writes it.

    A product of matrices stands in parentheses among other factors.
    """
    match node:
        case Operation("*" | "/", operands) if any(map(_is_matrix_product, operands)):
            found = tuple(enclosed(o) if _is_matrix_product(o) else o for o in operands)
            return Operation(node.op, found)
        case Operation("**", (Name() as base, Literal(2))):
            return Operation("*", (base, base))
        case Operation("*", (left, Operation("*", (inner, right), enclosed=False))):
            return Operation("*", (Operation("*", (left, inner)), right))
    return node


def _is_matrix_product(node: Expression) -> bool:
    return isinstance(node, Operation) and node.op == "@" and not node.enclosed
