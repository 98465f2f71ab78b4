"""Lints of the data: what the columns of a table show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import sqrt

from nndsl.lints.context import Finding, LintContext, SpecContext, number
from nndsl.source import Origin

MOST_SPREAD = 100.0  # of the widest column of inputs, in that of the narrowest
LARGEST_INPUTS = 30.0
MOST_LEFT_OUT = 0.05  # of all rows
ROW_NAMES = ("id", "index", "no", "nr", "number", "row", "#")


def different_scales(context: LintContext) -> Iterator[Finding]:
    """Inputs of very different size: the gradient sees only the largest."""
    spec = context.spec
    columns = spec.description.columns
    if spec.data is None or spec.data.standardize_inputs or _normalises_inputs(context):
        return
    spreads = {name: size for name, values in columns.items() if (size := _spread(values)) > 0}
    if len(spreads) < 2:
        return
    narrow, wide = min(spreads, key=spreads.__getitem__), max(spreads, key=spreads.__getitem__)
    if spreads[wide] > MOST_SPREAD * spreads[narrow]:
        yield Finding(
            f"the columns of the inputs differ in size: `{wide}` spreads by "
            f"{number(spreads[wide])}, `{narrow}` by {number(spreads[narrow])}, so that "
            "`{narrow}` hardly counts".replace("{narrow}", narrow),
            _data(context),
            f"write {spec.data.resizing}",
        )


def large_inputs(context: LintContext) -> Iterator[Finding]:
    """Inputs that are so large that no usual weights and rates fit them."""
    spec = context.spec
    if spec.data is None or not spec.data.resizing or _normalises_inputs(context):
        return
    if spec.data.standardize_inputs or any(different_scales(context)):
        return
    values = [value for column in spec.description.columns.values() for value in column]
    power = sum(value * value for value in values) / len(values) if values else 0.0
    size = sqrt(spec.description.signal.power if spec.description.signal else power)
    if size > LARGEST_INPUTS:
        yield Finding(
            f"the inputs are large (their root mean square is {number(size)}), and weights and "
            "learning rates are made for inputs of about 1",
            _data(context),
            f"write {spec.data.resizing}",
        )


def row_number(context: SpecContext) -> Iterator[Finding]:
    """A column that counts the rows, as an input."""
    columns = context.spec.description.columns
    for name, values in columns.items():
        word = name.lower().rpartition("_")[2]
        if len(columns) > 1 and word in ROW_NAMES and _counts(values):
            yield Finding(
                f"the column `{name}` counts the rows, and is an input: what it teaches holds for "
                "no other data",
                _data(context),
                f'write ignore=["{name}"]',
            )


def many_left_out(context: SpecContext) -> Iterator[Finding]:
    """Rows that are left out, so many that what is left is another sample."""
    described = context.spec.description
    rows = (described.examples or 0) + described.left_out
    if described.left_out > MOST_LEFT_OUT * rows:
        most = max(described.missing, key=described.missing.__getitem__)
        yield Finding(
            described.leaving_out,
            _data(context),
            f'write ignore=["{most}"] to keep the rows and do without this column',
        )


def copied_target(context: SpecContext) -> Iterator[Finding]:
    """A column of the inputs that is the target."""
    described = context.spec.description
    for name, values in described.columns.items():
        if described.targets and _spread(values) > 0 and list(values) == list(described.targets):
            yield Finding(
                f"the column `{name}` is an input, and holds the very numbers of the target: "
                "there is nothing left to learn",
                _data(context),
                f'write ignore=["{name}"]',
            )


def _spread(values: Sequence[float]) -> float:
    mean = sum(values) / max(1, len(values))
    return sqrt(sum((value - mean) * (value - mean) for value in values) / max(1, len(values)))


def _counts(values: Sequence[float]) -> bool:
    steps = {b - a for a, b in pairwise(values)}
    return len(values) > 2 and values[0] in (0, 1) and len(steps) == 1 and min(steps) >= 1


def _normalises_inputs(context: LintContext) -> bool:
    """Does a layer without weights of its own bring the inputs to one size?"""
    value = context.graph.input
    while len(value.readers) == 1:
        node = value.readers[0]
        if node.layer.removes_offset:
            return True
        if not node.layer.linear or len(node.parameters) > 0:
            return False
        value = node.output
    return False


def _data(context: SpecContext) -> Origin:
    return context.places.name_of(context.spec.origins["data"])
