"""Formulas as a person writes them: constants folded, like terms joined, what is known used."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product as pairs

from nndsl.ir.algebra import MINUS_ONE, ONE, ZERO, add, multiply, power, simplified, written
from nndsl.ir.printer import enclosed
from nndsl.ir.rows import Dimensions, Rows
from nndsl.ir.symbols import number
from nndsl.ir.tree import Expression, Literal, Name, Operation, mapped, parts, putting, transformed
from nndsl.ir.values import COMPARISONS, Value, reduced_axes
from nndsl.record import record

ARITHMETIC = ("+", "-", "*", "/", "**")
FREE = frozenset("slice tuple list [] .T .shape .size .reshape() .transpose()".split())
REDUCTIONS = (".sum()", ".mean()")
MAX_TERMS = 30  # of a sum that is multiplied out


def operations(node: Expression) -> int:
    """Return how many operations an expression computes: views and signs cost nothing."""
    return sum(
        isinstance(part, Operation)
        and part.op not in FREE
        and not (part.op == "-" and len(part.operands) == 1)
        for part in parts(node)
    )


@record
class Surroundings:
    """What a formula may use.

    `products` are values that have a name, with their factors; `factors` are names that stand
    first in a product. `value_of` says what a name stands for in the forward pass.
    """

    products: Mapping[str, Sequence[Expression]]
    factors: Container[str]
    shape_of: Callable[[Expression], Dimensions | None]
    value_of: Callable[[str], Expression | None]


class Tidying:
    """Expressions in the form in which a person would write them.

    Every number is treated alone by sums, products and powers, so these are those of algebra;
    whatever else there is stands for itself.
    """

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.atoms: dict[Expression, str] = {}
        self.meaning: dict[str, Expression] = {}
        self._known: dict[Expression, Expression] = {}

    def tidied(self, node: Expression) -> Expression:
        """Return an expression, and all inside it, in that form."""
        if not isinstance(node, Operation):
            return node
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._made(node)
        return found

    def forget(self) -> None:
        """Look at expressions anew: there are more names for their parts."""
        self._known.clear()

    def _made(self, node: Operation) -> Expression:
        match node:
            case Operation(op, options=()) if op in ARITHMETIC:
                return self._arithmetic(node)
            case Operation(op, (inner,)) if op in REDUCTIONS:
                return self._reduction(node, self.tidied(inner))
            case Operation("np.where()", (test, then, otherwise)):
                return self._choice(test, self.tidied(then), self.tidied(otherwise))
        return self._plain(mapped(node, self.tidied))

    def _arithmetic(self, node: Operation) -> Expression:
        simple = transformed(simplified(self._lifted(node)), self._improved)
        return self._said(simple)

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
        if (rest != node and isinstance(rest, Name | Literal)) or _is_arithmetic(rest):
            return self._lifted(rest)
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

    def _plain(self, node: Expression) -> Expression:
        """Return an operation without one inside that it undoes."""
        match node:
            case Operation(".reshape()", (Operation(".reshape()", (inner, *_)), *lengths)):
                return Operation(".reshape()", (inner, *lengths))
            case Operation(".T", (Operation(".T", (inner,)),)):
                return inner
            case Operation(".transpose()", (Operation(".transpose()", (inner, *first)), *second)):
                places = [at.value for at in second if isinstance(at, Literal)]
                axes = [first[at] for at in places if isinstance(at, int)]
                if axes == [number(at) for at in range(len(axes))]:
                    return inner
                return Operation(".transpose()", (inner, *axes))
            case Operation(
                ".transpose()",
                (Operation("@", (Operation(".transpose()", (left, *first)), right)), *second),
            ) if first == second == _last_two_swapped(len(first)):
                return Operation("@", (Operation(".transpose()", (right, *second)), left))
            case Operation(".T", (Operation("@", (Operation(".T", (left,)), right)),)):
                return Operation("@", (Operation(".T", (right,)), left))
            case Operation("[]", (Operation("*" | "/" | "-") as inner, *indices)):
                if is_negative(inner):  # a sign stands before what is looked at
                    positive = self.tidied(Operation("-", (inner,)))
                    return Operation("-", (Operation("[]", (positive, *indices)),))
        return node

    # --- On simplified expressions: sums and products of any number of operands ---------------

    def _improved(self, node: Expression) -> Expression:
        match node:
            case Operation("*"):
                return self._in_order(self._with_known_products(self._with_lengths(node)))
            case Operation("+"):
                return transformed(self._bracketed(self._opened(node)), _begun_without_minus)
        return node

    def _read(self, node: Expression) -> Expression:
        """Return an expression as it is calculated with here: simplified, over names."""
        return simplified(self._lifted(node))

    def _said(self, simple: Expression) -> Expression:
        return transformed(transformed(written(simple), self._lowered), self._in_steps)

    def _in_steps(self, node: Expression) -> Expression:
        """Return a small power of an array as a product, and of a number as it is."""
        match node:
            case Operation("**", (Name() as base, _)) if self.around.shape_of(base) == ():
                return node
        return _multiplied_out(node)

    def _with_lengths(self, product: Expression) -> Expression:
        """Return columns / numbers of a table as 1 / rows, and a sum / length as a mean."""
        for factor in _factors(product):
            match factor:
                case Operation("**", (Name(size), Literal(Fraction() as exponent))) if exponent < 0:
                    pass
                case _:
                    continue
            match self.meaning.get(size):
                case Operation(".size", (whole,)):
                    shape = self.around.shape_of(whole)
                case _:
                    continue
            for other in _factors(product):
                match self._meaning(other):
                    case Operation("[]", (Operation(".shape", (like,)), Literal(1))) if (
                        shape is not None and len(shape) == 2 and shape[0] == Rows()
                    ):
                        if (self.around.shape_of(like) or ())[1:] == shape[1:]:
                            cancelled = Name(size), power(other, MINUS_ONE)
                            return multiply(product, *cancelled, power(Name("N"), MINUS_ONE))
        return self._with_means(product)

    def _with_means(self, product: Expression) -> Expression:
        """Return sum(x) / length as mean(x)."""
        for factor in _factors(product):
            match self._meaning(factor):
                case Operation(".sum()", (inner,), options):
                    counts = self._counts(_factors(product), inner, options)
                    if counts:
                        mean = self._lifted(Operation(".mean()", (inner,), options))
                        rest = [f for f in _factors(product) if f not in (factor, *counts)]
                        return multiply(*rest, mean)
        return product

    def _meaning(self, factor: Expression) -> Expression | None:
        return self.meaning.get(factor.id) if isinstance(factor, Name) else None

    def _counts(
        self,
        factors: Iterable[Expression],
        inner: Expression,
        options: tuple[tuple[str, Expression], ...],
    ) -> list[Expression]:
        """Return factors that are 1 / the number of those that are summed; none if they are not."""
        axes, shape = self._axes(inner, options), self.around.shape_of(inner) or ()
        found: dict[int, Expression] = {}
        for factor in factors:
            match factor:
                case Operation("**", (Name(name), Literal(Fraction() as exponent))):
                    below = self.meaning.get(name, Name(name)) if exponent == -1 else None
                case _:
                    continue
            match below:
                case Operation(".size", (whole,)) if len(axes) == len(shape):
                    if self.around.shape_of(whole) == shape:
                        return [factor]
                case Operation("[]", (Operation(".shape", (whole,)), Literal(int(at)))):
                    if at in axes and (self.around.shape_of(whole) or shape)[at] == shape[at]:
                        found.setdefault(at, factor)
                case Name("N"):
                    at = next((at for at in axes if shape[at] == Rows()), -1)
                    found.setdefault(at, factor)
        return list(found.values()) if {*found} == axes else []

    def _with_known_products(self, product: Expression) -> Expression:
        """Return a product in which what the forward pass multiplied stands as its name."""
        for name, (one, other) in self.around.products.items():
            if all(_exponent(product, factor) >= 1 for factor in (one, other)):
                parts = (power(one, MINUS_ONE), power(other, MINUS_ONE), Name(name))
                product = multiply(product, *parts)
            for factor in _factors(product):
                match self._meaning(factor):
                    case Operation(op, (inner,), options) if op in REDUCTIONS:
                        axes = self._axes(inner, options)
                        for a, b in ((one, other), (other, one)):
                            whole = self._read(inner)
                            if (
                                _exponent(product, a) >= 1
                                and _exponent(whole, b) >= 1
                                and self._is_constant(a, inner, axes)
                            ):
                                whole = multiply(whole, power(b, MINUS_ONE), Name(name))
                                moved = Operation(op, (self._said(whole),), options)
                                rest = [f for f in _factors(product) if f != factor]
                                rest += [power(a, MINUS_ONE), self._lifted(moved)]
                                return self._with_known_products(multiply(*rest))
        return product

    def _bracketed(self, total: Expression) -> Expression:
        """Return d a + d b as d (a + b)."""
        if not isinstance(total, Operation) or total.op != "+":
            return total
        first, *others = total.operands
        shared = [
            factor
            for factor in _factors(first)
            if not isinstance(factor, Literal) and all(factor in _factors(t) for t in others)
        ]
        if not shared:
            return total
        inverse = [power(factor, MINUS_ONE) for factor in shared]
        left = [multiply(term, *inverse) for term in total.operands]
        if any(map(self._is_truth, left)):
            return total
        rest = add(*left)
        return self._in_order(multiply(*shared, rest))

    def _is_truth(self, term: Expression) -> bool:
        """Is a term made of comparisons alone? In numpy, true + true is true."""
        factors = [factor for factor in _factors(term) if not _is_number(factor)]
        made = [getattr(self._meaning(factor), "op", "") in COMPARISONS for factor in factors]
        return bool(made) and all(made)

    def _opened(self, total: Operation) -> Expression:
        """Return a sum without brackets where it is shorter so, as (1 - t) s - t (1 - s) is."""
        opposite = {}
        for atom, meaning in self.meaning.items():
            match meaning:
                case Operation("sigmoid()", (Operation("-", (inner,)),)):
                    if (name := self.atoms.get(Operation("sigmoid()", (inner,)))) is not None:
                        opposite[atom] = add(ONE, multiply(MINUS_ONE, Name(name)))
        terms = [term for part in total.operands for term in _terms(part, opposite)]
        if not 1 < len(terms) <= MAX_TERMS or len(terms) == len(total.operands):
            return total
        plain = add(*terms)
        shorter = self._bracketed(plain)
        closed = self._said(self._bracketed(total))
        is_shorter = operations(self._said(shorter)) < operations(closed)
        return shorter if is_shorter else total

    # --- Sums along axes ----------------------------------------------------------------------

    def _axes(
        self, inner: Expression, options: tuple[tuple[str, Expression], ...]
    ) -> frozenset[int]:
        """Return the axes along which a sum is taken; none where they are not known."""
        shape = self.around.shape_of(inner)
        if shape is None:
            return frozenset()
        if "axis" not in dict(options):
            return frozenset(range(len(shape)))
        return frozenset(reduced_axes(Value(shape), options)[0])

    def _is_constant(self, node: Expression, whole: Expression, axes: frozenset[int]) -> bool:
        """Is a factor the same number along axes of what it is multiplied by?"""
        shape, length = self.around.shape_of(node), self.around.shape_of(whole)
        if shape is None or length is None or not axes:
            return False
        padded = (1,) * (len(length) - len(shape)) + shape
        return all(padded[axis] == 1 for axis in axes)

    def _reduction(self, node: Operation, inner: Expression) -> Expression:
        """Return a sum without terms that add up to 0, such as what has been centred."""
        made = replace(node, operands=(inner,))
        axes = self._axes(inner, node.options)
        if not axes:
            return made
        total = self._read(inner)
        terms = total.operands if isinstance(total, Operation) and total.op == "+" else (total,)
        left = [term for term in terms if not self._adds_up_to_0(term, inner, axes)]
        if len(left) == len(terms) and len(terms) > 1:
            opened = [term for part in terms for term in _terms(part, {})]
            left = [term for term in opened if not self._adds_up_to_0(term, inner, axes)]
            left = left if len(left) < len(opened) else [*terms]
        if not left:
            return number(0)
        factors = _factors(self._bracketed(add(*left)))
        keeps = "keepdims" in dict(node.options)
        outside = [
            factor
            for factor in factors
            if factor != ONE
            and self._is_constant(said := self._said(factor), inner, axes)
            and (keeps or not self.around.shape_of(said) or axes == {0})
        ]
        if len(left) == len(terms) and (not outside or len(outside) == len(factors)):
            return made
        rest = multiply(*(factor for factor in factors if factor not in outside))
        summed = replace(node, operands=(self._said(rest),))
        return self._said(multiply(*outside, self._lifted(summed))) if outside else summed

    def _adds_up_to_0(self, term: Expression, whole: Expression, axes: frozenset[int]) -> bool:
        match term:
            case Name(name) if name in self.meaning:
                return self._adds_up_to_0(self.meaning[name], whole, axes)
            case Name(name):
                value = self.around.value_of(name)
                return value is not None and self._adds_up_to_0(value, whole, axes)
            case Operation("-", (inner, mean)):
                mean = self._value(mean)
                match mean:
                    case Operation(".mean()", (averaged,), options):
                        return averaged == inner and self._axes(inner, options) == axes
            case Operation("*" | "/", factors):
                moving = [
                    factor
                    for factor in factors
                    if not _is_number(factor)
                    and not self._is_constant(self._said(factor), whole, axes)
                ]
                is_above = len(moving) == 1 and (term.op == "*" or moving[0] == factors[0])
                return is_above and self._adds_up_to_0(moving[0], whole, axes)
        return False

    def _value(self, node: Expression) -> Expression:
        """Return what a name stands for in the forward pass."""
        value = self.around.value_of(node.id) if isinstance(node, Name) else None
        return node if value is None else value

    # --- Choices ------------------------------------------------------------------------------

    def _choice(self, test: Expression, then: Expression, otherwise: Expression) -> Expression:
        """Return a choice whose sides know its test, and numbers that both multiply outside."""
        then, otherwise = self._where(test, then, True), self._where(test, otherwise, False)
        match self._value_of_sides(test), then, otherwise:
            case (size, limit), inner, _ if size == inner:
                beyond = Operation("*", (limit, Operation("np.sign()", (inner,))))
                if self._read(otherwise) == self._read(beyond):
                    least = Operation("-", (limit,))
                    return Operation("np.clip()", (inner, least, limit))
        one, other = self._read(then), self._read(otherwise)
        if ZERO in (one, other):
            return Operation("np.where()", (test, then, otherwise))
        shared = [
            factor
            for factor in _factors(one)
            if not _is_number(factor)
            and factor in _factors(other)
            and self.around.shape_of(self._said(factor)) == ()
        ]
        if not shared:
            return Operation("np.where()", (test, then, otherwise))
        inverse = [power(factor, MINUS_ONE) for factor in shared]
        sides = [self._said(multiply(side, *inverse)) for side in (one, other)]
        chosen = self._choice(test, *sides)
        return self._said(multiply(*shared, self._lifted(chosen)))

    def _value_of_sides(self, test: Expression) -> tuple[Expression, Expression] | None:
        """Return a and b of |a| <= b."""
        match test:
            case Operation("<=" | "<", (size, limit)):
                match self._value(size):
                    case Operation("np.abs()", (inner,)):
                        return inner, limit
        return None

    def _where(self, test: Expression, side: Expression, holds: bool) -> Expression:
        """Return a side of a choice; comparisons of what its test compares are decided there."""
        match test:
            case Operation("<" | ">" | "<=" | ">=" as known, (a, b)):
                pass
            case _:
                return side
        upward = (known[0] == ">") == holds  # is a the larger one there?

        def decided(factor: Expression) -> bool | None:
            match factor:
                case Operation("<" | ">" | "<=" | ">=" as op, (c, d)) if {c, d} == {a, b}:
                    return (op[0] == ">") == ((c == a) == upward)
            return None

        simple = self._read(side)
        found = {f: decided(self._meaning(f) or f) for f in _factors(simple)}
        if False in found.values():
            return number(0)
        if True not in found.values():
            return side
        return self._said(multiply(*(f for f, is_so in found.items() if is_so is None)))


def _begun_without_minus(node: Expression) -> Expression:
    """Return -a + b as b - a."""
    match node:
        case Operation("+", terms) if _is_less(terms[0]):
            first = next((term for term in terms if not _is_less(term)), terms[0])
            return Operation("+", (first, *(term for term in terms if term is not first)))
    return node


def _is_less(term: Expression) -> bool:
    """Has a term a coefficient below 0?"""
    first = _factors(term)[0]
    return isinstance(first, Literal) and isinstance(first.value, Fraction) and first.value < 0


def _last_two_swapped(axes: int) -> list[Expression]:
    return [number(at) for at in (*range(axes - 2), axes - 1, axes - 2)]


def _is_arithmetic(node: Expression) -> bool:
    return isinstance(node, Operation) and node.op in ARITHMETIC and not node.options


def _is_number(factor: Expression) -> bool:
    return isinstance(factor, Literal)


def _exponent(product: Expression, base: Expression) -> Fraction:
    """Return how often a product has a factor."""
    for factor in _factors(product):
        match factor:
            case Operation("**", (inner, Literal(Fraction() as exponent))) if inner == base:
                return exponent
        if factor == base:
            return Fraction(1)
    return Fraction(0)


def _terms(node: Expression, values: Mapping[str, Expression]) -> list[Expression]:
    """Return the terms of a product of sums that is multiplied out."""
    made: list[Expression] = [ONE]
    for factor in _factors(transformed(node, putting(values)) if values else node):
        sides = factor.operands if isinstance(factor, Operation) and factor.op == "+" else (factor,)
        if len(made) * len(sides) > MAX_TERMS:
            return [node]
        made = [multiply(one, side) for one, side in pairs(made, sides)]
    return made


def _factors(term: Expression) -> tuple[Expression, ...]:
    if isinstance(term, Operation) and term.op == "*":
        return term.operands
    return (term,)


def is_negative(node: Expression) -> bool:
    """Does it begin with a minus?"""
    while isinstance(node, Operation) and node.op in ("*", "/"):
        node = node.operands[0]
    return isinstance(node, Operation) and node.op == "-" and len(node.operands) == 1


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
