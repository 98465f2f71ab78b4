"""A layer of the graph with the names that it has in the script."""

from dataclasses import dataclass, field

from nndsl.analysis.node import Node


@dataclass(slots=True)
class NamedNode:
    """A node and the names that its roles have in the script."""

    node: Node
    names: dict[str, str]
    parameters: dict[str, str] = field(default_factory=dict)
    tied_parameters: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    again: dict[str, str] = field(default_factory=dict)  # of an input read twice: part -> gradient
    suffix: str = ""  # of all names of its own, where it is in one of the copies of a stack
