"""One side of a concatenation."""

from collections.abc import Sequence

from nndsl.vocabulary.layer import LayerInstance, Structure, V, Wiring


class Branch(Structure):
    """Layers one after another, as one of the branches of `concat`, `add` or `multiply`."""

    def wire(self, graph: Wiring[V], x: V, body: Sequence[LayerInstance]) -> V:
        return graph.sequence(body, x)
