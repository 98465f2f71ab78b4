"""Lengths of arrays: numbers, and those that grow with the batch."""

from collections.abc import Iterable

from nndsl.ir import printer
from nndsl.ir.symbols import number
from nndsl.ir.tree import Expression, Name, Operation
from nndsl.record import record


@record
class Rows:
    """N times `each`: as many rows as there are examples, or positions of all examples."""

    each: int = 1


Dimension = int | Rows
Dimensions = tuple[Dimension, ...]


def node_of(length: Dimension) -> Expression:
    """Return a length as code."""
    if isinstance(length, Rows):
        n = Name("N")
        return n if length.each == 1 else _times(n, number(length.each))
    return number(length)


def _times(left: Expression, right: Expression) -> Expression:
    """Return a product without parentheses: `N * 4 * T`."""
    match right:
        case Operation("*", (first, second)):
            return Operation("*", (_times(left, first), second))
    return Operation("*", (left, right))


def margin(length: Dimension) -> str:
    """Return how the margin says a length: as code, without blanks."""
    return printer.expression(node_of(length)).replace(" ", "")


def size(lengths: Iterable[Dimension]) -> tuple[int, int]:
    """Return the product of lengths as (factor, power): factor * N**power."""
    factor, power = 1, 0
    for length in lengths:
        rows = isinstance(length, Rows)
        factor *= length.each if isinstance(length, Rows) else length
        power += rows
    return factor, power


def length_from(size: tuple[int, int]) -> Dimension | None:
    """Return such a product as a length, if it is one."""
    factor, power = size
    return None if power > 1 else Rows(factor) if power else factor
