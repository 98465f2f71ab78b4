"""What a spec and its variants have in common: most change neither the data nor the network."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from nndsl.analysis.graph import Graph
from nndsl.analysis.graph_building import build_graph
from nndsl.analysis.scope import Binding
from nndsl.analysis.spec import Spec
from nndsl.data import Description
from nndsl.diagnostics import Diagnostics
from nndsl.record import record
from nndsl.syntax import ast
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.layer import LayerInstance


@record
class ReadNetwork:
    """A network, and all that its meaning depends on, for trees with the same definitions.

    `values` are those of the `let` names that were read until it had one.
    """

    layers: tuple[LayerInstance, ...]
    described: Description
    values: Mapping[str, ast.Value]


class Reuse:
    """What is found out once for all variants of a spec: of data, of a network, of its graph."""

    def __init__(self) -> None:
        self._descriptions: list[tuple[Data, Description]] = []
        self._networks: list[ReadNetwork] = []
        self._graphs: list[tuple[Spec, Graph]] = []

    def description(self, data: Data, folder: Path) -> Description:
        """Return what data say of themselves. DataError where they cannot be read."""
        for known, description in self._descriptions:
            if known == data:
                return description
        description = data.describe(folder)
        self._descriptions.append((data, description))
        return description

    def network(
        self, described: Description, names: Mapping[str, Binding]
    ) -> tuple[LayerInstance, ...] | None:
        """Return the network that was read for the same data and values, or None."""
        for one in self._networks:
            if one.described is described and all(
                name in names and names[name].value is value for name, value in one.values.items()
            ):
                for name in one.values:
                    names[name].used = True
                return one.layers
        return None

    def keep_network(
        self,
        layers: tuple[LayerInstance, ...],
        described: Description,
        names: Iterable[Binding],
    ) -> None:
        """Remember a network and the names that were read for it."""
        values = {binding.name.text: binding.value for binding in names}
        self._networks.append(ReadNetwork(layers, described, values))

    def graph(self, spec: Spec, diagnostics: Diagnostics) -> Graph | None:
        """Return the graph of a spec; None where a shape does not fit, which is said once."""
        heads = [head.name for head in spec.named_heads]
        for known, graph in self._graphs:
            if known.network is spec.network and [one.name for one in known.named_heads] == heads:
                return graph
        made = build_graph(spec, diagnostics)
        if made is not None:
            self._graphs.append((spec, made))
        return made
