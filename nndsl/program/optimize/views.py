"""Views of arrays: their shapes, and in which order their axes lie in memory."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import pairwise

from nndsl.program.shapes import length, size
from nndsl.statements import Dimension, Dimensions

Order = tuple[int, ...]  # axes from the outermost to the innermost; () where that is as they stand


def in_order(order: Sequence[int]) -> Order:
    """Return an order in its short form."""
    return () if list(order) == sorted(order) else tuple(order)


def transposed(shape: Dimensions, order: Order | None, axes: Sequence[int]) -> Order | None:
    """Return the order in memory of `x.transpose(axes)`."""
    if order is None:
        return None
    return in_order([axes.index(axis) for axis in order or range(len(shape))])


def without_first(order: Order | None, axes: int) -> Order | None:
    """Return the order of `x[0]`."""
    if order is None:
        return None
    return in_order([axis - 1 for axis in order or range(axes) if axis])


def reshaped(shape: Dimensions | None, lengths: Sequence[Dimension]) -> Dimensions | None:
    """Return the shape that `reshape(lengths)` makes, where a length may be -1."""
    if -1 not in lengths:
        return tuple(lengths)
    if shape is None:
        return None
    whole, rest = size(shape), size([n for n in lengths if n != -1])
    if not rest[0] or whole[0] % rest[0] or whole[1] < rest[1]:
        return None
    missing = length((whole[0] // rest[0], whole[1] - rest[1]))
    return None if missing is None else tuple(missing if n == -1 else n for n in lengths)


def copies(shape: Dimensions, order: Order | None, new: Dimensions) -> bool:
    """Must `reshape` copy, since axes that become one do not lie side by side in memory?"""
    if not order:
        return False
    place = {axis: order.index(axis) for axis in order}
    ends = {size(new[:n]) for n in range(len(new) + 1)}
    long = [axis for axis, n in enumerate(shape) if n != 1]
    return any(
        size(shape[:after]) not in ends and place[after] != place[before] + 1
        for before, after in pairwise(long)
    )


def axes_of(arguments: Sequence[ast.expr], axes: int) -> list[int] | None:
    """Return the axes that a call of `transpose` names, or None where it is no permutation."""
    found = [a.value for a in arguments if isinstance(a, ast.Constant) and type(a.value) is int]
    return found if sorted(found) == list(range(axes)) and len(arguments) == axes else None
