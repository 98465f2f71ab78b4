"""Which parts of a graph are chains: every layer takes what the one before it gives."""

from collections.abc import Iterator, Sequence

from nndsl.analysis.graph import Graph
from nndsl.analysis.node import Chain, Group, Node, Part, Value


def nodes_of(part: Part) -> Iterator[Node]:
    """Yield the layers of a part, in the order of the page."""
    match part:
        case Node():
            yield part
        case Chain():
            for inner in part.items:
                yield from nodes_of(inner)
        case Group():
            for inner in part.parts:
                yield from nodes_of(inner)


def is_chain(chain: Chain) -> bool:
    """Does every layer of a chain take what the one before it gives, and nothing else?"""
    return _follows(chain.items, chain.input) is chain.output


def _follows(parts: Sequence[Part], x: Value) -> Value | None:
    """Return what a row of parts makes of a value; None where one takes another value."""
    for part in parts:
        if isinstance(part, Node):
            if part.inputs != (x,):
                return None
            x = part.output
            continue
        assert isinstance(part, Group)
        if not part.parts:  # repeated not once
            continue
        if not _takes_alone(part, x):
            return None
        x = ends_of(part)[1]
    return x


def _takes_alone(group: Group, x: Value) -> bool:
    """Does a structure take one value alone, and are its chains such?"""
    known = [x]
    for part in group.parts:
        if isinstance(part, Chain):
            if part.input not in known or not is_chain(part):
                return False
            known.append(part.output)
        elif isinstance(part, Node):
            if any(value not in known for value in part.inputs):
                return False
            known.append(part.output)
    return True


def ends_of(group: Group) -> tuple[Value, Value]:
    """Return what a structure takes and gives."""
    first, last = group.parts[0], group.parts[-1]
    x = first.input if isinstance(first, Chain) else next(nodes_of(first)).inputs[0]
    return x, last.output if isinstance(last, Chain | Node) else ends_of(last)[1]


def is_closed(group: Group, graph: Graph) -> bool:
    """Can a structure be one object, with one value in and one out?"""
    x, y = ends_of(group)
    return _takes_alone(group, x) and _gives_alone(list(nodes_of(group)), y, graph)


def is_in_a_row(parts: Sequence[Node | Group], graph: Graph) -> bool:
    """Can parts be one object that holds them in a row?"""
    nodes = [node for part in parts for node in nodes_of(part)]
    y = _follows(parts, nodes[0].inputs[0])
    return y is nodes[-1].output and _gives_alone(nodes, nodes[-1].output, graph)


def _gives_alone(nodes: Sequence[Node], y: Value, graph: Graph) -> bool:
    """Does nothing outside take what layers give, but for their output `y`?"""
    own = {*nodes}
    return all(
        node.output is y
        or (
            node.output not in graph.outputs.values()
            and all(reader in own for reader in node.output.readers)
        )
        for node in nodes
    )
