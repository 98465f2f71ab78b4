"""The residual connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nndsl.vocabulary.layer import Layer, Parameter, Placed, ShapeError, Structure, V, Wiring
from nndsl.vocabulary.signal import Passage, Signal
from nndsl.vocabulary.word import Shape, show_shape


class Add(Layer):
    """The join of a residual connection."""

    positional = 0
    letter = "R"
    inputs = ("x", "skip")
    equation = "y = x + skip"
    forward = "y = x + skip"
    backward = """
        dx = dy
        dskip = dy   # a sum passes its gradient on to both of its terms
    """

    def output_shape(self, *inputs: Shape) -> Shape:
        x, skip = inputs
        if x != skip:
            raise ShapeError(
                f"`residual` adds its input, {show_shape(skip)}, to what its body makes of it, "
                f"{show_shape(x)}: the shapes must agree",
                "make the last layer of the body as wide as the input",
            )
        return x

    def passage(self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]) -> Passage:
        x, skip = inputs
        return Passage(Signal(x.mean + skip.mean, x.variance + skip.variance), 1.0)


class Residual(Structure):
    """y = x + f(x), where f is the body. He et al. 2016."""

    positional = 0

    def wire(self, graph: Wiring[V], x: V, body: Sequence[Placed]) -> V:
        return graph.join(Add(), graph.sequence(body, x), x)
