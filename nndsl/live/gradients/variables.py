"""Which variable a wrong gradient lacks, or has in the place of another."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nndsl.ir import parse_text
from nndsl.live.gradients.listing import Listing
from nndsl.live.gradients.running import FAILURES, Array, Point, Text

TRIES = "_tries_"
ALIKE = 1e-8  # norm-relative


def mistaken_variable(
    listing: Listing, point: Point, variable: str, true: Array, found: Mapping[str, Any], path: str
) -> str:
    """Return the mistake in words, or an empty string where no variable explains it.

    `found` are the variables of the script at a point, `true` what `variable` should be there.
    """
    known = {
        name: value
        for name, value in {**found, **point.values}.items()
        if isinstance(value, np.ndarray)
        and value.dtype.kind == "f"
        and listing.order_of(name) < listing.order_of(variable)
    }
    analytic = np.asarray(found[variable], true.dtype)  # a mistake may have made it true or false
    return _exchanged(listing, point, variable, true, known, path) or _left_out(
        listing, listing.step_of(variable).function, analytic, true, known
    )


def _left_out(
    listing: Listing, function: str, analytic: Array, true: Array, known: Mapping[str, Array]
) -> str:
    for variable, value in known.items():
        name = listing.name_of(variable, function)
        try:
            if np.broadcast_shapes(value.shape, true.shape) != true.shape:
                continue
        except ValueError:
            continue
        if _alike(analytic * value, true):
            return f"the factor `{name}` is missing"
        if _alike(true * value, analytic):
            return f"the factor `{name}` is one too many"
        if value.shape == true.shape and _alike(analytic + value, true):
            return f"the term `{name}` is missing"
        if value.shape == true.shape and _alike(analytic - value, true):
            return f"the term `{name}` is one too many"
    return ""


def _exchanged(
    listing: Listing,
    point: Point,
    variable: str,
    true: Array,
    known: Mapping[str, Array],
    path: str,
) -> str:
    step = listing.step_of(variable)
    swaps = list(_swaps(step.statement.text, known))
    if not swaps:
        return ""
    (tries,) = parse_text(f"{TRIES} = ({', '.join(tried for _, _, tried in swaps)},)")
    try:
        text = listing.with_locals(tries, before=listing.order_of(variable))
        values = Text(text, path)(point)[TRIES]
    except FAILURES:
        return ""
    for (is_now, should, _), value in zip(swaps, values, strict=True):
        if np.shape(value) == true.shape and _alike(value, true):
            is_now, should = (listing.name_of(name, step.function) for name in (is_now, should))
            return f"`{is_now}` stands where `{should}` should be"
    return ""


def _swaps(code: str, known: Mapping[str, Array]) -> Iterator[tuple[str, str, str]]:
    """Yield (variable, another of its shape, the value with the other in its place)."""
    try:
        tree = ast.parse(code).body[0]
    except SyntaxError:  # only the first line of a long statement
        return
    if not isinstance(tree, ast.Assign) or not isinstance(tree.targets[0], ast.Name):
        return
    for node in ast.walk(tree.value):
        if isinstance(node, ast.Name) and node.id in known:
            is_now = node.id
            for other, value in known.items():
                if other != is_now and value.shape == known[is_now].shape:
                    node.id = other
                    yield is_now, other, ast.unparse(tree.value)
            node.id = is_now


def _alike(one: Array, other: Array) -> bool:
    return bool(np.linalg.norm(one - other) <= ALIKE * np.linalg.norm(other))
