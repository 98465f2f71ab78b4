"""Layers that begin with the weights of another training."""

from collections.abc import Sequence

from pydantic import Field

from nndsl.vocabulary.layer import LayerInstance, Structure, V, Wiring


class Pretrained(Structure):
    """The body, beginning with the weights that a training has kept. Yosinski et al. 2014.

    Each array is the one of its name there, as `nndsl summary` shows them, and must have its shape.
    The path is that of a run's folder or of a file of weights. `frozen { … }` around it leaves them
    as they are.
    """

    called = ("load_weights", "load_state_dict", "transfer", "fine_tune")

    path: str = Field(description="the folder of a run, or a file of weights")

    @property
    def weights_from(self) -> str:
        return self.path

    def wire(self, graph: Wiring[V], x: V, body: Sequence[LayerInstance]) -> V:
        return graph.begin_with(body, x, self.path)
