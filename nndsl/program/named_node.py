"""A layer of the graph with the names that it has in the script."""

from dataclasses import dataclass, field

from nndsl.analysis.node import Node
from nndsl.analysis.repetition import Repetition


@dataclass(frozen=True, slots=True)
class Place:
    """Where a layer stands in a stack: in which copy, and as the how manieth of it."""

    repetition: Repetition
    copy: int
    at: int


@dataclass(slots=True)
class NamedNode:
    """A node and the names that its roles have in the script."""

    node: Node
    names: dict[str, str]
    parameters: dict[str, str] = field(default_factory=dict)
    tied_parameters: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    again: dict[str, str] = field(default_factory=dict)  # of an input read twice: part -> gradient
    place: Place | None = None  # in a stack

    @property
    def suffix(self) -> str:
        """How all names of its own end, where it is in one of the copies of a stack."""
        return self.place.repetition.suffix(self.place.copy) if self.place is not None else ""
