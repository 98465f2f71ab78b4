"""The residual connection."""

from collections.abc import Mapping, Sequence

from nndsl.data import Signal
from nndsl.shapes import Shape, count, describe, differences, shared_axes
from nndsl.vocabulary.layer import (
    Layer,
    LayerInstance,
    Parameter,
    Propagated,
    ShapeError,
    Structure,
    V,
    Wiring,
)


class Add(Layer):
    """The join of a residual connection."""

    symbol = "R"
    required_inputs = ("x", "skip")
    equation = "y = x + skip"
    forward = "y = x + skip"
    reasons = {"dskip": "a sum passes its gradient on to both of its terms"}

    def output_shape(self, *inputs: Shape) -> Shape:
        x, skip = inputs
        if x != skip:
            differ = differences(skip, x) or f"{describe(skip)}, and {describe(x)}"
            raise ShapeError(
                "`residual` adds its input to what its body makes of it, "
                f"and they differ: {differ}",
                _way_out(x, skip),
            )
        return x

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated:
        x, skip = inputs
        return Propagated(Signal(x.mean + skip.mean, x.variance + skip.variance), 1.0)


def _way_out(x: Shape, skip: Shape) -> str:
    names = shared_axes(skip, x)
    if not names:
        return f"end the body with {describe(skip)}"
    ways = [f"end the body with {count(skip[0], names[0][:-1])}"] * (x[0] != skip[0])
    ways += [f"keep {' and '.join(names[1:])}: padding=same, stride=1"] * (x[1:] != skip[1:])
    help = ", and ".join(ways)
    if x[1:] == skip[1:]:
        layer = f"dense(x, {x[0]})" if len(x) == 1 else f"conv{len(x) - 1}d(x, {x[0]}, kernel=1)"
        help += f"; or project the input: a block of `input x`, …, `y = …`, `{layer}`, `add(y)`"
    return help


class Residual(Structure):
    """y = x + f(x), where f is the body. He et al. 2016."""

    called = ("skip", "shortcut", "residual_block")

    def wire(self, graph: Wiring[V], x: V, body: Sequence[LayerInstance]) -> V:
        return graph.join(Add(), graph.sequence(body, x), x)
