"""The arrays of a network: parameters and states, those of the copies in a stack as one."""

from collections.abc import Iterator, Mapping, Sequence

from nndsl.analysis.node import Node
from nndsl.analysis.repetition import Repetition
from nndsl.ir import Name, Operation, Statement, assign, name_tuple, wrapped
from nndsl.ir.printer import enclosed
from nndsl.program.constants import constant
from nndsl.program.context import Shapes
from nndsl.program.initializers import Initializers, shape_of
from nndsl.program.named_node import NamedNode
from nndsl.program.program import Array
from nndsl.shapes import Shape


def parameter_arrays(
    nodes: Sequence[NamedNode], drawn: Initializers, shapes: Shapes
) -> Iterator[Array]:
    """Yield the parameters of all layers, and declare the shapes of those that are stacked."""
    for layer, copies in _rows_of_layers(nodes):
        first, parts = copies[0], [one.parameters for one in copies]
        for role, parameter in first.node.parameters.items():
            if first.place is None:
                made = drawn.value(parameter)
            else:
                parameters = [one.node.parameters[role] for one in copies]
                made = drawn.stack(parameters, first.place.repetition.times)
            name, shape, names = _array(first, role, parameter.shape, parts, shapes)
            yield Array(
                name,
                shape,
                made,
                layer,
                parameter.is_weight,
                is_derived=bool(first.node.init_reason) and parameter.is_weight,
                parts=names,
                regularize=parameter.regularize,
                is_frozen=first.node.is_frozen,
                weights_from=first.node.weights_from,
            )


def state_arrays(
    nodes: Sequence[NamedNode], batch: int, dtype: str, shapes: Shapes
) -> Iterator[Array]:
    """Yield the states of all layers in the same way."""
    for layer, copies in _rows_of_layers(nodes):
        first, parts = copies[0], [one.states for one in copies]
        if first.node.keeps_for is not None:
            continue
        for role, begins in first.node.layer.state.items():
            own = state_shape(first.node, batch)
            name, shape, names = _array(first, role, own, parts, shapes)
            function = {0.0: "np.zeros()", 1.0: "np.ones()"}.get(begins, "np.full()")
            given = [constant(begins)] * (function == "np.full()")
            made = Operation(function, (shape_of(shape), *given, Name(dtype)))
            weights_from = first.node.weights_from
            yield Array(name, shape, made, layer, parts=names, weights_from=weights_from)


def state_shape(node: Node, batch: int) -> Shape:
    """Return the shape of a layer's states: of those that go on, a row for each of a batch."""
    shape = node.layer.state_shape(*node.shapes)
    return (batch, *shape) if node.layer.carries else shape


def unpacked(dictionary: str, arrays: tuple[Array, ...]) -> list[Statement]:
    """Return `W1, b1 = params.values()`, or nothing where there are no arrays.

    What is stacked is unpacked then: `W2_1, W2_2 = W2`.
    """
    if not arrays:
        return []
    names = wrapped(name_tuple(array.name for array in arrays))
    made = [assign(names, Operation(".values()", (Name(dictionary),)))]
    for array in arrays:
        if array.parts:
            parts = wrapped(name_tuple(array.parts))
            made.append(assign(parts if array.parts[1:] else enclosed(parts), Name(array.name)))
    return made


def _rows_of_layers(nodes: Sequence[NamedNode]) -> Iterator[tuple[int, list[NamedNode]]]:
    """Yield each layer with its number among all; the copies of one in a stack together."""
    copies: dict[tuple[Repetition, int], list[NamedNode]] = {}
    for named in nodes:
        if named.place is not None:
            copies.setdefault((named.place.repetition, named.place.at), []).append(named)
    for layer, named in enumerate(nodes):
        if named.place is None:
            yield layer, [named]
        elif not named.place.copy:
            yield layer, copies[named.place.repetition, named.place.at]


def _array(
    first: NamedNode,
    role: str,
    shape: Shape,
    names: Sequence[Mapping[str, str]],
    shapes: Shapes,
) -> tuple[str, Shape, tuple[str, ...]]:
    """Return the name and the shape of a layer's array, and its parts if it is stacked."""
    parts = tuple(one[role] for one in names)
    if first.place is None:
        return parts[0], shape, ()
    name = parts[0].removesuffix(first.suffix)
    stacked = (first.place.repetition.times, *shape)
    for prefix in ("", "d"):
        shapes.declare(f"{prefix}{name}", stacked)
    return name, stacked, parts
