"""One side of a concatenation."""

from __future__ import annotations

from collections.abc import Sequence

from nndsl.vocabulary.layer import Placed, Structure, V, Wiring


class Branch(Structure):
    """Layers one after another, as one of the branches of `concat`."""

    positional = 0

    def wire(self, graph: Wiring[V], x: V, body: Sequence[Placed]) -> V:
        return graph.sequence(body, x)
