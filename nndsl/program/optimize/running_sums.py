"""Algebra of an optimizer's step: the same step with fewer passes over its vectors.

A running mean is kept as a running sum (its scale goes into the factors that read it), a result
that is read once stands where it is read, and all numbers of a product are gathered into one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from nndsl.ir import Expression, Literal, Name, Operation, names_of
from nndsl.ir.symbols import number
from nndsl.ir.tree import NO_COMMENT, Comment, putting, transformed
from nndsl.ir.values import Known, value_of
from nndsl.record import record


@record
class Assignment:
    """`target = value`; in an optimizer's step every statement is one, or the step is left."""

    target: str
    value: Expression
    comment: Comment = NO_COMMENT


def running_sums(
    changes: Sequence[Assignment], means: Iterable[str], signs: Signs
) -> dict[str, tuple[Expression, Expression]]:
    """Return the states that change by `s = s + c * (e - s)` alone, with c and e."""
    writes = Counter(change.target for change in changes)
    found = {}
    for change in changes:
        own = Name(change.target)
        match change.value:
            case Operation("+", (first, Operation("*", (scale, Operation("-", (e, second)))))) if (
                first == second == own and own.id in means and writes[own.id] == 1
            ):
                if own.id not in names_of(e) and signs.is_positive(scale):
                    found[own.id] = scale, e
    return found


def rewrite_as_sums(
    changes: Sequence[Assignment], sums: Mapping[str, tuple[Expression, Expression]]
) -> list[Assignment]:
    """Turn `s = s + c * (e - s)` into `s = (1 - c) * s + e`, and read `c * s` in place of `s`."""
    scaled = {name: Operation("*", (scale, Name(name))) for name, (scale, _) in sums.items()}
    made = []
    for change in changes:
        if change.target in sums:
            scale, e = sums[change.target]
            own = Name(change.target)
            fading = Operation("*", (own, _rest(scale)))
            made.append(Assignment(own.id, fading, change.comment))
            made.append(Assignment(own.id, Operation("+", (own, transformed(e, putting(scaled))))))
        else:
            made.append(replace(change, value=transformed(change.value, putting(scaled))))
    return made


def inline_single_uses(changes: Sequence[Assignment], known: Known) -> list[Assignment]:
    """Write a vector that is read once where it is read, if nothing it reads changes before."""
    reads = Counter(name for change in changes for name in names_of(change.value))
    writes = Counter(change.target for change in changes)
    held: dict[str, Expression] = {}
    made: list[Assignment] = []
    for change in changes:
        value = transformed(change.value, putting(held))
        is_vector = bool((found := value_of(value, known)) and found.shape)
        later = changes[changes.index(change) + 1 :]
        reader = next((c for c in later if change.target in names_of(c.value)), None)
        between = later[: later.index(reader)] if reader is not None else []
        untouched = not {c.target for c in between} & {*names_of(value)}
        once = reads[change.target] == 1 and writes[change.target] == 1
        if is_vector and once and reader is not None and untouched:
            held[change.target] = value
        else:
            made.append(Assignment(change.target, value, change.comment))
    return made


class Signs:
    """Knows which numbers are positive at every step: those that may be divided by and rooted."""

    def __init__(self, constants: Mapping[str, float]) -> None:
        self._constants = constants

    def is_positive(self, node: Expression) -> bool:
        """Is a number greater than 0, whatever the step is?"""
        match node:
            case Literal(int(value)) | Literal(float(value)):
                return value > 0
            case Name(name):
                return self._constants.get(name, 0) > 0
            case Operation("*" | "/", (left, right)):
                return self.is_positive(left) and self.is_positive(right)
            case Operation("-", (Literal(1), Name(name))) | Operation(
                "-", (Literal(1), Operation("**", (Name(name), Name("step"))))
            ):
                return 0 <= self._constants.get(name, 1) < 1
            case Operation("math.sqrt()", (inner,)):
                return self.is_positive(inner)
        return False


Factored = tuple[Expression | None, Expression]  # a number, None for 1, and what it multiplies


class Factors:
    """Gathers the numbers of a product in one factor."""

    def __init__(self, known: Known, signs: Signs) -> None:
        self._known = known
        self._signs = signs

    def of(self, node: Expression) -> Factored:
        """Return the factor of an expression, and the expression without it."""
        match node:
            case Operation("*", (left, right)):
                if self._is_number(left):
                    factor, rest = self.of(right)
                    return _times(left, factor), rest
                if self._is_number(right):
                    factor, rest = self.of(left)
                    return _times(factor, right), rest
                (f, a), (g, b) = self.of(left), self.of(right)
                return _times(f, g), Operation("*", (a, b))
            case Operation("/", (left, right)):
                if self._is_number(right):
                    factor, rest = self.of(left)
                    return _over(factor, right), rest
                divisor, below = self.of(right)
                if self._is_number(left):
                    return None, Operation("/", (_over(left, divisor), below))
                factor, rest = self.of(left)
                if factor is not None or divisor is not None:
                    factor = _over(factor, divisor)
                return factor, Operation("/", (rest, below))
            case Operation("+", (left, right)) if self._is_number(right):
                factor, rest = self.of(left)
                if factor is None or not self._signs.is_positive(factor):
                    return None, node
                return factor, Operation("+", (rest, _over(right, factor)))
            case Operation("np.sqrt()", (inner,)):
                factor, rest = self.of(inner)
                if factor is None or not self._signs.is_positive(factor):
                    return None, node
                return Operation("math.sqrt()", (factor,)), Operation("np.sqrt()", (rest,))
        return None, node

    def _is_number(self, node: Expression) -> bool:
        found = value_of(node, self._known)
        return found is not None and not found.shape


def _times(left: Expression | None, right: Expression | None) -> Expression | None:
    if left is None or right is None:
        return left or right
    match right:
        case Operation("*" | "/" as op, (first, second)):  # a * (b / c) is a * b / c
            product = _times(left, first)
            assert product is not None
            return Operation(op, (product, second))
    return Operation("*", (left, right))


def _over(left: Expression | None, right: Expression | None) -> Expression:
    if right is None:
        assert left is not None
        return left
    return Operation("/", (left or number(1), right))


def _rest(scale: Expression) -> Expression:
    """Return 1 - scale."""
    match scale:
        case Operation("-", (Literal(1), right)):
            return right
    return Operation("-", (number(1), scale))
