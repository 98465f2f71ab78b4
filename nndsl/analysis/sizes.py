"""How much a network computes."""

from __future__ import annotations

import math

from nndsl.analysis.graph import Graph, size


def forward_flops(graph: Graph) -> int:
    """Return the operations of a forward pass for one example: 2 for each use of a weight."""
    return 2 * sum(
        size(parameter.shape) * math.prod(node.output.shape[1:])  # a kernel works at every place
        for node in graph.nodes
        for parameter in node.parameters.values()
        if parameter.is_weight
    )
