"""Layers that join two values or more: those that are named, or the outputs of branches."""

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import PrivateAttr

from nndsl.shapes import Shape, describe, differences
from nndsl.vocabulary.layer import Layer, LayerInstance, ShapeError, Structure, V, Wiring


class Joining(Structure):
    """Joins values: those that it names, or without any the outputs of its branches."""

    positional = 0
    joins = True
    holds = "branch"
    made_by: ClassVar[type[Layer]]  # the layer that joins the values

    def join(self, graph: Wiring[V], *values: V) -> V:
        """Connect what joins the values; return the output."""
        return graph.join(self.made_by(), *values)

    def wire(self, graph: Wiring[V], x: V, body: Sequence[LayerInstance]) -> V:
        return self.join(graph, *(graph.sequence([branch], x) for branch in body))


class Elementwise(Layer):
    """The join of several values of one shape, number by number."""

    word: ClassVar[str]  # of the page
    operator: ClassVar[str]

    _count: int = PrivateAttr(2)

    @classmethod
    def keyword(cls) -> str:
        return cls.word

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(f"x{number}" for number in range(1, self._count + 1))

    @property
    def equation(self) -> str:  # type: ignore[override]
        between = f" {self.operator} " if self.operator != "*" else " "
        return f"y = {between.join(self.inputs)}"

    @property
    def forward(self) -> str:  # type: ignore[override]
        return f"y = {f' {self.operator} '.join(self.inputs)}"

    def for_shapes(self, *inputs: Shape) -> Self:
        placed = super().for_shapes(*inputs)
        placed._count = len(inputs)
        return placed

    def output_shape(self, *inputs: Shape) -> Shape:
        require_same(self.word, inputs)
        return inputs[0]


def require_same(word: str, inputs: Sequence[Shape]) -> None:
    """ShapeError where values differ in their shapes."""
    first = inputs[0]
    for other in inputs:
        if other != first:
            differ = differences(first, other) or f"{describe(first)}, and {describe(other)}"
            raise ShapeError(
                f"`{word}` takes values of one shape, and these differ: {differ}",
                f"bring them to one shape first: a layer on one of the ways, before `{word}`",
            )
