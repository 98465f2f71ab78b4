"""A computational graph, before it is laid out: what is computed, from what, and its numbers."""

from collections.abc import Mapping, Sequence
from typing import Literal

from nndsl.record import record

Expand = bool | Sequence[str]  # all blocks and repetitions, or those of these names
Kind = Literal["given", "layer", "folded", "loss", "target", "parameter", "operation", "output"]


@record
class Node:
    """A step of the computation, or what goes into one.

    `name` and `shape` are those of its output, `forward` and `backward` the numbers of that
    and of its gradient. `within` are the copies of blocks around it, from the outermost.
    """

    key: str
    kind: Kind
    title: str
    lines: tuple[str, ...] = ()  # equations
    rules: tuple[str, ...] = ()  # how gradients go back through it
    name: str = ""
    shape: str = ""
    forward: str = ""
    backward: str = ""
    within: tuple[str, ...] = ()


@record
class Edge:
    """From what is computed to the step that reads it; its numbers, where they are its own."""

    source: str
    target: str
    forward: str = ""
    backward: str = ""


@record
class Diagram:
    """A whole graph; its nodes stand in the order in which they are computed."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    is_formula: bool = False

    @property
    def inputs(self) -> Mapping[str, Sequence[str]]:
        """What each node reads, by its key."""
        found: dict[str, list[str]] = {node.key: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.target].append(edge.source)
        return found

    @property
    def readers(self) -> Mapping[str, Sequence[str]]:
        """What reads each node, by its key."""
        found: dict[str, list[str]] = {node.key: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.source].append(edge.target)
        return found

    @property
    def order(self) -> Mapping[str, int]:
        """When each node has its value: those that are given at once have 0."""
        computed = (n for n in self.nodes if n.kind not in ("given", "target", "parameter"))
        found = {node.key: at for at, node in enumerate(computed, 1)}
        return {node.key: found.get(node.key, 0) for node in self.nodes}


def short(number: float, digits: int) -> str:
    """Return a number with so many digits, and no zeros in an exponent: 1.5e-7."""
    return f"{number:.{digits}g}".replace("e+0", "e").replace("e-0", "e-")
