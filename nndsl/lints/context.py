"""What a lint may look at, and what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from nndsl.diagnostics import Edit, Fix, Label
from nndsl.lints.call_sites import CallSites
from nndsl.source import Origin, Span

if TYPE_CHECKING:
    from nndsl.analysis.graph import Graph
    from nndsl.analysis.node import Node, Value
    from nndsl.analysis.spec import Spec
    from nndsl.lints.prediction import Prediction
    from nndsl.vocabulary.builtin import Builtin
    from nndsl.vocabulary.loss import Loss


class Finding(NamedTuple):
    """A mistake that does not crash: what it is, where, and the way out."""

    message: str
    where: Span | Origin
    help: str
    labels: tuple[Label, ...] = ()
    fixes: tuple[Fix, ...] = ()


class SpecContext:
    """A spec without errors of syntax, whatever is wrong with its network."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.tree = spec.tree

    @cached_property
    def call_sites(self) -> CallSites:
        return CallSites(self.tree)

    @cached_property
    def examples(self) -> int | None:
        """The examples of the training part."""
        return self.spec.training_examples

    @property
    def loss(self) -> Loss | None:
        return self.spec.train.loss if self.spec.train else None

    def argument_origin(self, word: Builtin, where: Origin, field: str) -> Origin:
        """Return the place of an argument: its value where it is written, else its word."""
        return self.call_sites.argument_origin(word, where, field)

    def setting_origin(self, name: str) -> Origin:
        """Return the place of a setting of `train`; that of `train` where it is left out."""
        origins = self.spec.origins
        return origins.get(f"train.{name}") or self.call_sites.call_name(origins["train"])


class LintContext(SpecContext):
    """A spec without errors, and what is known of it before it runs."""

    def __init__(self, spec: Spec, graph: Graph) -> None:
        super().__init__(spec)
        self.graph = graph

    @cached_property
    def prediction(self) -> Prediction | None:
        """How large the signals of the network are, or None where that is not known."""
        from nndsl.lints.prediction import predict

        return predict(self.graph, self.spec.description.signal)

    @cached_property
    def recommended(self) -> Prediction | None:
        """How large they would be with weights that suit the activations."""
        from nndsl.lints.prediction import predict

        return predict(self.graph, self.spec.description.signal, recommended=True)

    @cached_property
    def weighted_nodes(self) -> list[Node]:
        """The layers with weights, in the order of the network."""
        return [node for node in self.graph.nodes if node.has_weights]

    @cached_property
    def last_weighted(self) -> set[Node]:
        """The layers with weights behind which no other stands."""
        return {
            node
            for node in self.weighted_nodes
            if not any(n.has_weights for n in self.downstream(node))
        }

    def downstream(self, node: Node) -> Iterator[Node]:
        """Yield what reads a layer's output, up to and with the next layers with weights."""
        waiting, seen = list(node.output.readers), {node}
        while waiting:
            reader = waiting.pop(0)
            if reader not in seen:
                seen.add(reader)
                yield reader
                if not reader.has_weights:
                    waiting += reader.output.readers

    def output_activation(self) -> Node | None:
        """Return the activation that ends the network, if one does."""
        node = self.graph.output.producer
        while node is not None and node.layer.linear and not node.has_weights:
            node = node.inputs[0].producer
        return node if node is not None and node.layer.nonlinear else None

    def set_argument(self, node: Node, field: str, value: str) -> Edit:
        """Return the edit that gives an argument of a layer a value."""
        return self.call_sites.set_argument(node.layer, node.origin, field, value)

    def init_origin(self, node: Node) -> Origin:
        """Return where a spec says how a layer's weights begin; else where the layer stands."""
        inits = [parameter.init for parameter in node.parameters.values() if parameter.is_weight]
        given = [
            field
            for field in type(node.layer).model_fields
            if any(getattr(node.layer, field) is init for init in inits)
        ]
        return self.argument_origin(node.layer, node.origin, given[0] if given else "")


def only_reader(value: Value) -> Node | None:
    """Return what reads a value, where that is one layer of one input."""
    if len(value.readers) == 1 and len(value.readers[0].inputs) == 1:
        return value.readers[0]
    return None


def number(value: float) -> str:
    """Write a number with two digits: 0.055, 2.4e-05, 31."""
    size = abs(value)
    return f"{value:.2g}" if size < 100 else f"{value:.0f}" if size < 1e4 else f"{value:.1e}"
