"""Layers that read the positions from either end."""

from collections.abc import Sequence

from nndsl.shapes import SequenceShape
from nndsl.vocabulary import registry
from nndsl.vocabulary.joining import Joining
from nndsl.vocabulary.layer import LayerInstance, Structure, V, Wiring


class Bidirectional(Structure):
    """The body twice, forwards and backwards, with both outputs side by side.

    Each has parameters of its own (Schuster and Paliwal 1997). A recurrent layer with `output=all`
    tells of each position what stands on either side; one that outputs its last state has read to
    either end.
    """

    called = ("birnn", "bilstm", "bigru", "both_ways", "both_directions")

    @property
    def bodies(self) -> int:
        return 2

    def wire(self, graph: Wiring[V], x: V, body: Sequence[LayerInstance]) -> V:
        forwards = graph.sequence(body, x)
        keeps = isinstance(forwards.shape, SequenceShape)
        turn = graph.instance("reverse")
        backwards = graph.sequence([turn, *body, *[turn] * keeps], x)
        return registry.get(Joining, "concat")().join(graph, forwards, backwards)
