"""Repeated layers: which of them have their parameters stacked, and are a loop of the script.

docs/decisions/0019 says why. The rule looks at the graph alone, so that all builds of a network,
and all that reads its weights, know the same arrays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from nndsl.analysis.node import Node, Value
from nndsl.source import Copy

MIN_LAYERS = 5  # of a copy: fewer are read more easily one below the other
NAME = "block"  # of a copy that is not one call of a block


@dataclass(slots=True, eq=False)
class Repetition:
    """Layers that stand several times in a row, each copy behind the one before."""

    input: Value
    times: int
    depth: int  # how many copies of blocks it stands in
    copies: list[list[Node]] = field(default_factory=list)
    outputs: list[Value] = field(default_factory=list)

    @property
    def inputs(self) -> list[Value]:
        """What each copy reads: the output of the one before."""
        return [self.input, *self.outputs[:-1]]

    def suffix(self, copy: int) -> str:
        """Return how the names of a copy end, counted from 0: all are as long."""
        return f"_{copy + 1:0{len(str(int(self.times)))}d}"

    @property
    def marks(self) -> list[Copy]:
        """What marks the layers of each copy, once it is known that its parameters are stacked."""
        return [nodes[0].origin.copies[self.depth] for nodes in self.copies]

    @property
    def name(self) -> str:
        """What a copy is called: as its block is, if it is one."""
        return self.marks[0].block


def stacked(repetitions: Sequence[Repetition], nodes: Sequence[Node]) -> list[Repetition]:
    """Return the repetitions whose parameters are stacked, in the order of their layers.

    The layers of each copy are marked as those of one copy of a block. `repetitions` come with
    those inside of others first. Layers that share weights with others are written out.
    """
    found: list[Repetition] = []
    done = {owner for node in nodes for owner, _ in node.shared.values()}
    for repetition in repetitions:
        own = {node for copy in repetition.copies for node in copy}
        if done.isdisjoint(own) and _is_stacked(repetition):
            found.append(repetition)
            done |= own
    for repetition in found:
        _mark(repetition)
    return found


def _is_stacked(repetition: Repetition) -> bool:
    first, *others = zip(repetition.copies, repetition.inputs, repetition.outputs, strict=True)
    computed = [node for node in first[0] if not node.layer.passes_on]
    if len(computed) < MIN_LAYERS or any(node.shared for node in first[0]):
        return False
    inside = {repetition.input, *(node.output for node in first[0])}
    if any(value not in inside for node in first[0] for value in node.inputs):
        return False  # it takes a value that has a name outside: a loop would hide that
    form = _form(*first)
    return all(_form(*copy) == form for copy in others)


def _form(nodes: Sequence[Node], x: Value, output: Value) -> object:
    """Return what is equal of two copies that are alike."""
    places = {x: 0} | {node.output: at for at, node in enumerate(nodes, 1)}
    layers = [
        (
            node.layer,
            [places.get(value) for value in node.inputs],
            [_shape(value) for value in (*node.inputs, node.output)],
            {role: (p.shape, p.is_weight, p.regularize) for role, p in node.parameters.items()},
        )
        for node in nodes
    ]
    return layers, _shape(x), places.get(output)


def _shape(value: Value) -> tuple[type, tuple[int, ...]]:
    return type(value.shape), tuple(value.shape)


def _mark(repetition: Repetition) -> None:
    """Let the layers of each copy be those of one copy of a block, if they are not."""
    depth = repetition.depth
    for nodes in repetition.copies:
        marks = {node.origin.copies[depth : depth + 1] for node in nodes}
        if len(marks) > 1 or () in marks:
            copy = Copy(NAME)
            for node in nodes:
                around, within = node.origin.copies[:depth], node.origin.copies[depth:]
                node.origin = replace(node.origin, copies=(*around, copy, *within))
