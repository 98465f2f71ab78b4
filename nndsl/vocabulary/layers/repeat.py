"""Repetition."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from nndsl.vocabulary.layer import LayerInstance, Structure, V, Wiring


class Repeat(Structure):
    """The body several times in a row, each time with parameters of its own."""

    times: Annotated[int, Field(ge=0, le=100_000)] = Field(description="repetitions of the body")

    @property
    def bodies(self) -> int:
        return self.times

    def wire(self, graph: Wiring[V], x: V, body: Sequence[LayerInstance]) -> V:
        return graph.repeat(body, x, self.times)
