"""The names that the values of a network have in its script."""

from __future__ import annotations

from nndsl.program.constants import Constants
from nndsl.program.context import Context
from nndsl.program.identifiers import RESERVED
from nndsl.program.layers import Layers
from nndsl.program.names import Names
from nndsl.program.program import Program
from nndsl.program.shapes import Shapes


def value_names(program: Program) -> dict[int, str]:
    """Return the name of each value of the graph, by the value's id: X, Z1, A1 …"""
    names = Names(RESERVED)
    context = Context(program.spec, names, Constants(names), Shapes(), program.dtype)
    return Layers(program.graph, context).values
