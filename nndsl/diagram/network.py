"""The graph of a network: a layer a node, blocks and repetitions folded or open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from nndsl.analysis.builtin_printer import print_builtin
from nndsl.analysis.node import Chain, Group, Node, Part, Value, size
from nndsl.diagram.diagram import Diagram, Edge, Kind
from nndsl.diagram.diagram import Node as Box
from nndsl.program.layers import fill
from nndsl.program.program import Program
from nndsl.record import record
from nndsl.shapes import Shape
from nndsl.source import Copy

LOSS, TARGET = "loss", "t"
APART = "    "  # between the equations of one layer

Numbers = Callable[[str], str]  # what there is to say of a variable of the script, or nothing


@record
class _Row:
    """What stands in the column: a layer, or all layers of a folded part."""

    kind: Kind
    title: str
    lines: tuple[str, ...]
    nodes: tuple[Node, ...]
    within: tuple[str, ...]


def network_diagram(
    program: Program, *, expand: bool = False, numbers: Numbers = lambda name: ""
) -> Diagram:
    """Return the graph of a program; `numbers` are those of its variables, and so of `dZ1`."""
    return _Builder(program, numbers).diagram(expand)


class _Builder:
    def __init__(self, program: Program, numbers: Numbers) -> None:
        self.program, self.numbers = program, numbers
        self.names = program.value_names
        self.boxes: list[Box] = []
        self.edges: list[Edge] = []
        self.known: set[str] = set()  # parameters that have a box

    def diagram(self, expand: bool) -> Diagram:
        graph = self.program.graph
        x = self._name(graph.input)
        self.boxes.append(
            Box(x, "given", x, (), "", _shape(graph.input.shape), self.numbers(x), self._slope(x))
        )
        for row in self._rows(graph.chain.items, 0, (), expand):
            self._add(row)
        self._add_loss()
        return Diagram(self.program.spec.name, tuple(self.boxes), tuple(self.edges))

    # --- What is folded -----------------------------------------------------------------------

    def _rows(
        self, items: Sequence[Part], depth: int, within: tuple[str, ...], expand: bool
    ) -> Iterator[_Row]:
        """Yield the rows of a chain; `depth` counts the copies of blocks around it."""
        at = 0
        while at < len(items):
            part, end = items[at], at + 1
            copies = _copies(part)
            if len(copies) > depth:
                while (
                    end < len(items)
                    and _copies(items[end])[depth : depth + 1] == copies[depth : depth + 1]
                ):
                    end += 1
                block, inside = copies[depth].block, items[at:end]
                if expand:
                    yield from self._rows(inside, depth + 1, (*within, block), expand)
                else:
                    yield _folded(block, inside, depth + 1, within)
            elif isinstance(part, Group):
                yield from self._group_rows(part, depth, within, expand)
            elif isinstance(part, Node):
                if not part.layer.passes_on:
                    title = print_builtin(part.layer, defaults=False)
                    yield self._row(part, title, within)
            else:
                yield from self._rows(part.items, depth, within, expand)
            at = end

    def _group_rows(
        self, group: Group, depth: int, within: tuple[str, ...], expand: bool
    ) -> Iterator[_Row]:
        title = print_builtin(group.structure, defaults=False)
        copies = [part for part in group.parts if isinstance(part, Chain)]
        if len(copies) < 2 or len(copies) < len(group.parts):  # it joins, or there is one
            for part in group.parts:
                if isinstance(part, Node):  # the join, which no page names
                    yield self._row(part, part.layer.keyword(), within)
                else:
                    yield from self._rows([part], depth, within, expand)
        elif expand:
            for number, chain in enumerate(copies, 1):
                place = f"{title}: {number}"
                yield from self._rows(chain.items, depth, (*within, place), expand)
        else:
            row = _folded(title, copies[0].items, depth, within)
            nodes = tuple(node for chain in copies for node in _nodes(chain.items))
            yield _Row(row.kind, row.title, row.lines, nodes, within)

    def _row(self, node: Node, title: str, within: tuple[str, ...]) -> _Row:
        return _Row("layer", title, self._equations(node), (node,), within)

    # --- Nodes and edges ----------------------------------------------------------------------

    def _add(self, row: _Row) -> None:
        if not row.nodes:
            return
        made = {id(node.output) for node in row.nodes}
        key = self._name(row.nodes[-1].output)
        reads = [v for node in row.nodes for v in node.inputs if id(v) not in made]
        for name in dict.fromkeys(map(self._name, reads)):
            if name != key:
                self.edges.append(Edge(name, key))
        if row.kind == "folded":
            self._add_folded_parameters(row, key)
        else:
            self._add_parameters(row.nodes[0], key)
        self.boxes.append(
            Box(
                key,
                row.kind,
                row.title,
                row.lines,
                key,
                _shape(row.nodes[-1].output.shape),
                self.numbers(key),
                self._slope(key),
                row.within,
            )
        )

    def _add_parameters(self, node: Node, key: str) -> None:
        names = self.program.array_names
        own = [(names[id(node), role], one.shape) for role, one in node.parameters.items()]
        tied = [
            (names[id(owner), role], owner.parameters[role].shape)
            for owner, role in node.shared.values()
        ]
        for name, shape in own + tied:
            self.edges.append(Edge(name, key))
            if name not in self.known:
                self.known.add(name)
                lengths = _shape(shape, batch=False)
                numbers = self.numbers(name), self._slope(name)
                self.boxes.append(Box(name, "parameter", name, (), name, lengths, *numbers))

    def _add_folded_parameters(self, row: _Row, key: str) -> None:
        count = sum(size(one.shape) for node in row.nodes for one in node.parameters.values())
        if count:
            name = f"parameters of {key}"
            self.edges.append(Edge(name, key))
            self.boxes.append(Box(name, "parameter", f"{count:,}", ("parameters",)))

    def _add_loss(self) -> None:
        spec, training = self.program.spec, self.program.training
        if spec.train is None or training is None:
            return
        loss = spec.train.loss
        first, *rest = training.terms
        lines = (f"{LOSS} = {first}", *(f"+ {term}" for term in rest))
        self.boxes.append(Box(TARGET, "target", TARGET, ("targets",), forward=self.numbers(TARGET)))
        self.edges.append(Edge(self._name(self.program.graph.output), LOSS))
        self.edges.append(Edge(TARGET, LOSS))
        title = print_builtin(loss, defaults=False)
        numbers = self.numbers(LOSS)
        self.boxes.append(
            Box(LOSS, "loss", title, lines, LOSS, "", numbers, f"d{LOSS} = 1" if numbers else "")
        )

    def _equations(self, node: Node) -> tuple[str, ...]:
        """Return what a layer says that it computes, in the names of the script."""
        layer, arrays = node.layer, self.program.array_names
        names = dict(zip(layer.inputs, map(self._name, node.inputs), strict=True))
        names["y"] = self._name(node.output)
        names |= {role: arrays[id(node), role] for role in node.parameters}
        names |= {role: arrays[id(owner), owners] for role, (owner, owners) in node.shared.items()}
        return tuple(filter(None, fill(layer.equation, names).split(APART)))

    def _name(self, value: Value) -> str:
        return self.names[id(value)]

    def _slope(self, name: str) -> str:
        return self.numbers(f"d{name}")


def _folded(title: str, items: Sequence[Part], depth: int, within: tuple[str, ...]) -> _Row:
    lines = (" → ".join(_summary(items, depth)),)
    return _Row("folded", title, lines, tuple(_nodes(items)), within)


def _copies(part: Part) -> tuple[Copy, ...]:
    if isinstance(part, Chain):
        return ()
    return part.origin.copies


def _nodes(items: Sequence[Part]) -> Iterator[Node]:
    for part in items:
        if isinstance(part, Node):
            yield part
        else:
            yield from _nodes(part.items if isinstance(part, Chain) else part.parts)


def _summary(items: Sequence[Part], depth: int) -> Iterator[str]:
    """Yield the words of a chain: layers, structures, blocks."""
    before: Copy | None = None
    for part in items:
        copies = _copies(part)
        inside = copies[depth] if len(copies) > depth else None
        if inside is not None:
            if inside is not before:
                yield inside.block
        elif isinstance(part, Group):
            yield part.structure.keyword()
        elif isinstance(part, Node):
            yield part.layer.keyword()
        before = inside


def _shape(shape: Shape, *, batch: bool = True) -> str:
    lengths = [*(["N"] if batch else []), *map(str, map(int, shape))]
    return f"({', '.join(lengths)}{',' * (len(lengths) == 1)})"
