"""Lengths of arrays: numbers, and those that grow with the batch."""

from __future__ import annotations

from collections.abc import Iterable

from nndsl.ir.tree import Expression, Literal, Name, Operation
from nndsl.record import record


@record
class Rows:
    """N times `each`: as many rows as there are examples, or positions of all examples."""

    each: int = 1


Dimension = int | Rows
Dimensions = tuple[Dimension, ...]


def number(value: float) -> Expression:
    """Return a number as code."""
    if value < 0:
        return Operation("-", (number(-value),))
    return Literal(value, repr(value).replace("e-0", "e-").replace("e+0", "e+"))


def node_of(length: Dimension) -> Expression:
    """Return a length as code."""
    if isinstance(length, Rows):
        n = Name("N")
        return n if length.each == 1 else Operation("*", (n, number(length.each)))
    return number(length)


def length_of(node: Expression) -> Dimension | None:
    """Return the length that an expression says: `64`, `-1`, `N`, `576 * N` …"""
    match node:
        case Literal(int(length)):
            return length
        case Operation("-", (Literal(1),)):
            return -1
        case Name("N"):
            return Rows()
        case Operation("*", (left, right)):
            sides = [side for side in (length_of(left), length_of(right)) if side is not None]
            found = size(sides) if len(sides) == 2 else None
            return length_from(found) if found is not None else None
    return None


def margin(length: Dimension) -> str:
    """Return how the margin says a length; in code it would be `N*64` without parentheses."""
    if isinstance(length, Rows):
        return "N" if length.each == 1 else f"N*{length.each}"
    return str(length)


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
