"""The identity of a network: what saved weights belong to."""

import hashlib
from collections.abc import Iterator
from itertools import count

from nndsl.program.layers import Layers
from nndsl.program.named_node import NamedNode
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.layer import Layer


def identity(layers: Layers) -> str:
    """Return digits that two networks share where they predict alike from the same arrays.

    It is made from the graph: the input's shape, the names and shapes of parameters and states, and
    for each layer its keyword, the arguments on which prediction depends, what it reads, and the
    formulas of one that the page defines. How a script writes a layer has no part in it, nor has
    what concerns training alone (dropout, initial weights, the type of numbers).
    """
    graph = layers.graph
    values = {value: name or "X" for name, value in graph.inputs.items()}
    lines = [
        f"{name or 'X'} {value.shape}" + f" {value.columns}" * bool(value.columns)
        for name, value in graph.inputs.items()
    ]
    kept = (*layers.parameters, *(s for s in layers.states if s.name not in layers.carried))
    lines += [f"{array.name} {array.shape}" for array in kept]
    numbers = count(1)
    named = {one.node: one for one in layers.nodes}
    for node in graph.nodes:
        read = [values[value] for value in node.inputs]
        if node.layer.predicts_its_input:
            values[node.output] = read[0]
            continue
        name = values[node.output] = f"v{next(numbers)}"
        arrays = _arrays(named[node])
        said = ", ".join([*read, *arrays, *_arguments(node.layer)])
        lines.append(f"{name} {node.output.shape} = {node.layer.keyword()}({said})")
        if node.layer.definition:
            lines.append(node.layer.definition)
    lines += [values[value] for value in graph.outputs.values()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]


def _arrays(named: NamedNode) -> Iterator[str]:
    """Yield the arrays that a layer reads, in the order in which it has them."""
    states = {} if named.node.layer.carries else named.states  # of training alone
    for arrays in (named.parameters, named.tied_parameters, states):
        yield from (f"{role} {name}" for role, name in arrays.items())


def _arguments(layer: Layer) -> Iterator[str]:
    """Yield the arguments on which prediction depends, but for defaults.

    An initializer or a penalty concerns training, and whose weights are tied is told by their name.
    """
    for field, info in type(layer).model_fields.items():
        value = getattr(layer, field)
        plain = value is not None and not isinstance(value, Builtin) and value != info.default
        if plain and field not in layer.training_only:
            yield f"{field} {value!r}"
