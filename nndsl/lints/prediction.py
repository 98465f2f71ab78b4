"""The size of signals and gradients, layer by layer, before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, sqrt
from typing import TYPE_CHECKING, NamedTuple

from nndsl.data import Signal
from nndsl.vocabulary import registry
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nndsl.analysis.graph import Graph
    from nndsl.analysis.node import Node, Value

MAX_NODES = 1000  # of a deeper network the beginning is judged
STANDARDIZED = Signal(0.0, 1.0)


class Stage(NamedTuple):
    """A layer with weights, the activation behind it (or itself), and its output.

    `gradient` is the size of the loss's gradient there, with that at the output as 1.
    """

    layer: Node
    activation: Node
    before: Signal
    std: float
    gradient: float


@dataclass(frozen=True)
class Prediction:
    """The stages of a network: the hidden ones in their order, and the spread of its output."""

    inputs: Signal
    hidden: Sequence[Stage]
    output: float | None  # None where the network is deeper than what is judged


def predict(graph: Graph, inputs: Signal | None, *, recommended: bool = False) -> Prediction | None:
    """Predict the size of all signals. None where a layer does not say what it does to them.

    Inputs whose size is not known count as standardised, and so do those that are so large or
    small that their own size is what is wrong. `suited` asks for the weights that would suit the
    activations, instead of those of the spec.
    """
    if inputs is None or not 0.01 <= sqrt(inputs.power) <= 10:
        inputs = STANDARDIZED
    signals = dict.fromkeys(graph.inputs.values(), inputs)
    gains: list[tuple[Node, float]] = []
    for node in graph.nodes[:MAX_NODES]:
        parameters = _with_recommended_init(node) if recommended else node.arrays
        propagated = node.layer.propagate_moments([signals[x] for x in node.inputs], parameters)
        if propagated is None:
            return None
        if not all(map(isfinite, (*propagated.output, propagated.gain))):
            break
        signals[node.output] = propagated.output
        gains.append((node, propagated.gain))
    last = gains[-1][0].output if gains else graph.input
    powers = {last: 1.0}  # of gradients
    for node, gain in reversed(gains):
        for x in node.inputs:
            powers[x] = powers.get(x, 0.0) + gain * powers.get(node.output, 0.0)
    hidden = [
        stage
        for node, _ in gains
        if node.has_weights and (stage := _stage(node, graph.output, signals, powers))
    ]
    whole = signals.get(graph.output)
    return Prediction(inputs, hidden, whole.std if whole else None)


def _with_recommended_init(node: Node) -> dict[str, Parameter]:
    if not node.has_weights:
        return node.arrays
    init = registry.get(Initializer, node.recommended_init)()
    return {
        name: replace(parameter, init=init) if parameter.is_weight else parameter
        for name, parameter in node.arrays.items()
    }


def _stage(
    node: Node, end: Value, signals: dict[Value, Signal], powers: dict[Value, float]
) -> Stage | None:
    """Return the stage that begins with a layer with weights; None where the output is its end."""
    activation = node.activation or node
    x = activation.inputs[0] if activation is not node else node.output
    out = activation.output
    if out is end or out not in signals or not _goes_on(out):
        return None
    return Stage(node, activation, signals[x], signals[out].std, sqrt(powers.get(out, 0.0)))


def _goes_on(value: Value) -> bool:
    """Does another layer with weights read a value, directly or through others?"""
    while value.readers:
        if any(reader.has_weights for reader in value.readers):
            return True
        value = value.readers[0].output
    return False
