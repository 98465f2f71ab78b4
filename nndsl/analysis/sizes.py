"""How much a network computes."""

from __future__ import annotations

from nndsl.analysis.graph import Graph
from nndsl.analysis.node import Node


def multiplications(node: Node) -> int:
    """Return how many there are in a layer's matrix products of one example, at all positions."""
    positions = node.inputs[0].shape[0] if node.works_on_rows else 1
    return positions * node.layer.multiplications(*node.shapes)


def forward_flops(graph: Graph) -> int:
    """Return the products and sums in the matrix products of one example's forward pass."""
    return 2 * sum(map(multiplications, graph.nodes))
