"""The graph: layers connected by values of known shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nndsl.analysis.node import Chain, Node, Value, size
from nndsl.source import Origin

if TYPE_CHECKING:
    from nndsl.analysis.repetition import Repetition


@dataclass(eq=False, frozen=True, slots=True)
class Graph:
    """The nodes of a network in the order in which they are computed."""

    inputs: dict[str, Value]  # by the names of the page; one may have none
    outputs: dict[str, Value]
    nodes: list[Node]
    chain: Chain  # the nodes as the page nests them: layers, and structures that hold layers
    repetitions: list[Repetition]
    weights_files: dict[str, Origin]  # by path: that layers begin with, and where

    @property
    def input(self) -> Value:
        """The input, of several the first."""
        return next(iter(self.inputs.values()))

    @property
    def output(self) -> Value:
        """The output, of several the first."""
        return next(iter(self.outputs.values()))

    def output_of(self, name: str) -> Value:
        """Return the output of a name; the only one needs none."""
        return self.outputs.get(name, self.output)

    @property
    def parameter_count(self) -> int:
        """The number of numbers in all parameters."""
        return sum(size(p.shape) for node in self.nodes for p in node.parameters.values())

    @property
    def frozen_count(self) -> int:
        """How many of these are not trained."""
        frozen = (node for node in self.nodes if node.is_frozen)
        return sum(size(p.shape) for node in frozen for p in node.parameters.values())

    @property
    def forward_flops(self) -> int:
        """The products and sums in the matrix products of one example's forward pass."""
        return 2 * sum(node.multiplications for node in self.nodes)
