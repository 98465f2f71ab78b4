"""Receptive fields: how much of the input stands behind one place of a value.

Araujo, Norris and Sim 2019, Computing Receptive Fields of Convolutional Neural Networks.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from nndsl.analysis.graph import Graph
from nndsl.analysis.node import Node, Value
from nndsl.shapes import places
from nndsl.vocabulary.layer import Window


class Field(NamedTuple):
    """Along an axis: place i sees the `size` places of the input that begin at start + step i.

    Neighbours that are copies see the same, `grid` places further than the copies before: what is
    seen beyond one of them is the size of `beyond`, in whole steps of that.
    """

    start: Fraction
    step: Fraction
    one: Fraction
    grid: Fraction = Fraction(0)  # 0: there are no copies
    beyond: Fraction = Fraction(0)

    @property
    def size(self) -> Fraction:
        return self.one + (math.ceil(self.beyond / self.grid) * self.grid if self.grid else 0)


Fields = tuple[Field, ...] | None  # along each axis; None: everything
_OWN = Field(Fraction(0), Fraction(1), Fraction(1))


def receptive_fields(graph: Graph) -> dict[Value, tuple[int, ...] | None]:
    """Return how many places of the input a place of a value sees at most; None: all of them.

    Zeros around the input are counted as well. Nothing for the input itself, for values without
    places, and for a network without windows.
    """
    if not any(node.layer.windows(*node.shapes) for node in graph.nodes):
        return {}
    fields: dict[Value, Fields] = {x: _own(x) for x in graph.inputs.values()}
    arranged = {*fields}  # the numbers of the input, perhaps in another shape
    for node in graph.nodes:
        value = node.output
        if all(x in arranged for x in node.inputs) and node.layer.is_elementwise:
            arranged.add(value)
            fields[value] = _own(value)
        else:
            fields[value] = _seen(node, [fields[x] for x in node.inputs])
    return {
        node.output: _sizes(fields[node.output])
        for node in graph.nodes
        if places(node.output.shape) and node.output not in arranged
    }


def _own(value: Value) -> Fields:
    return (_OWN,) * len(places(value.shape))


def _sizes(fields: Fields) -> tuple[int, ...] | None:
    return None if fields is None else tuple(int(field.size) for field in fields)


def _seen(node: Node, inputs: Sequence[Fields]) -> Fields:
    windows = node.layer.windows(*node.shapes)
    there, here = places(node.inputs[0].shape), places(node.output.shape)
    if windows is None or not here or len(there) != len(here) or (not windows and there != here):
        return None  # everything is mixed, or lies somewhere else
    joined = _joined(inputs)
    if joined is None:
        return None
    return tuple(map(_through, joined, windows or (Window(),) * len(here)))


def _joined(inputs: Sequence[Fields]) -> Fields:
    """Return what is seen on any of several ways."""
    ways = [fields for fields in inputs if fields is not None]
    if len(ways) < len(inputs) or len({tuple((f.step, f.grid) for f in way) for way in ways}) > 1:
        return None
    return tuple(map(_union, *ways)) if len(ways) > 1 else ways[0]


def _union(*fields: Field) -> Field:
    start = min(field.start for field in fields)
    end = max(field.start + field.size for field in fields)
    return Field(start, fields[0].step, end - start, fields[0].grid)


def _through(field: Field, window: Window) -> Field:
    start = field.start - window.before * field.step
    reach = (window.size - 1) * field.step
    step = field.step * window.stride / window.copies
    if field.grid:
        return Field(start, step, field.one, field.grid, field.beyond + reach)
    return Field(start, step, field.one + reach, field.step if window.copies > 1 else field.grid)
