"""How much a network computes."""

from __future__ import annotations

from nndsl.analysis.graph import Graph


def forward_flops(graph: Graph) -> int:
    """Return the products and sums in the matrix products of one example's forward pass."""
    return 2 * sum(
        node.layer.multiplications(*node.shapes)
        * (node.inputs[0].shape[0] if node.works_on_rows else 1)
        for node in graph.nodes
    )
