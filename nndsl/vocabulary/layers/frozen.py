"""Layers that are not trained."""

from collections.abc import Sequence

from nndsl.vocabulary.layer import LayerInstance, Structure, V, Wiring


class Frozen(Structure):
    """The body with parameters that stay as they begin: training moves the other layers alone.

    No gradient of theirs is computed, and penalties leave them out. Noise and running statistics
    go on as in training. As with `requires_grad = False` in PyTorch.
    """

    called = ("trainable", "requires_grad", "freeze")

    def wire(self, graph: Wiring[V], x: V, body: Sequence[LayerInstance]) -> V:
        return graph.freeze(body, x)
