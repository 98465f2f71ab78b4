"""The graph of a network: a layer a node, blocks and repetitions folded or open."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from nndsl.analysis.builtin_printer import print_builtin
from nndsl.analysis.node import Chain, Group, Node, Part, Value, size
from nndsl.diagram.diagram import Diagram, Edge, Expand, Kind
from nndsl.diagram.diagram import Node as Box
from nndsl.ir import AugmentedAssign, Name, Statement, parse_text, statement
from nndsl.languages import translated
from nndsl.program.chains import nodes_of
from nndsl.program.layers import fill
from nndsl.program.program import Program
from nndsl.record import record
from nndsl.shapes import Shape
from nndsl.source import Copy

LOSS, TARGET = "loss", "t"
MAX_RULES = 12  # lines of a backward pass, and of what it reads
APART = "    "  # between the equations of one layer

Numbers = Callable[[str], str]  # what there is to say of a variable of the script, or nothing


class UnknownPart(ValueError):
    """There is no block and no repetition of a name; `known` are those that there are."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"nothing that is folded is called `{name}`")
        self.name, self.known = name, known


@record
class _Row:
    """What stands in the column: a layer, or all layers of a folded part."""

    kind: Kind
    title: str
    lines: tuple[str, ...]
    rules: tuple[str, ...]
    nodes: tuple[Node, ...]
    within: tuple[str, ...]


def network_diagram(
    program: Program, *, expand: Expand = False, numbers: Numbers | None = None
) -> Diagram:
    """Return the graph of a program. UnknownPart where `expand` names what it has not.

    `numbers` are those of its variables, and so of `dZ1`; with them come the lines of the backward
    pass of each layer, where they are few.
    """
    if not isinstance(expand, bool):
        known = [*dict.fromkeys(_foldable(program.graph.chain.items, 0))]
        for name in expand:
            if name not in known:
                raise UnknownPart(name, known)
    return _Builder(program, numbers).diagram(expand)


class _Builder:
    def __init__(self, program: Program, numbers: Numbers | None) -> None:
        self.program, self.numbers = program, numbers or _nothing
        self.names = program.value_names
        self.boxes: list[Box] = []
        self.edges: list[Edge] = []
        self.known: set[str] = set()  # parameters that have a box

    def diagram(self, expand: Expand) -> Diagram:
        graph = self.program.graph
        for value in graph.inputs.values():
            x, shape = self._name(value), _shape(value.shape)
            box = Box(x, "given", x, (), (), "", shape, self.numbers(x), self._slope(x))
            self.boxes.append(box)
        for row in self._rows(graph.chain.items, 0, (), expand):
            self._add(row)
        self._add_loss()
        return Diagram(self.program.spec.name, tuple(self.boxes), tuple(self.edges))

    # --- What is folded -----------------------------------------------------------------------

    def _rows(
        self, items: Sequence[Part], depth: int, within: tuple[str, ...], expand: Expand
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
                if _opens(expand, [block], inside, depth + 1) or _gives_several(inside):
                    yield from self._rows(inside, depth + 1, (*within, block), expand)
                else:
                    yield _folded(block, inside, depth + 1, within)
            elif isinstance(part, Group):
                yield from self._group_rows(part, depth, within, expand)
            elif isinstance(part, Node):
                yield self._row(part, print_builtin(part.layer, defaults=False), within)
            else:
                yield from self._rows(part.items, depth, within, expand)
            at = end

    def _group_rows(
        self, group: Group, depth: int, within: tuple[str, ...], expand: Expand
    ) -> Iterator[_Row]:
        title = print_builtin(group.structure, defaults=False)
        copies = [part for part in group.parts if isinstance(part, Chain)]
        if len(copies) < 2 or len(copies) < len(group.parts):  # it joins, or there is one
            for part in group.parts:
                if isinstance(part, Node):  # the join, which no page names
                    yield self._row(part, part.layer.keyword(), within)
                else:
                    yield from self._rows([part], depth, within, expand)
        elif _opens(expand, _names(group), [*group.parts], depth):
            for number, chain in enumerate(copies, 1):
                place = f"{title}: {number}"
                yield from self._rows(chain.items, depth, (*within, place), expand)
        else:
            row = _folded(title, copies[0].items, depth, within)
            nodes = tuple(node for chain in copies for node in nodes_of(chain))
            yield _Row(row.kind, row.title, row.lines, (), nodes, within)

    def _row(self, node: Node, title: str, within: tuple[str, ...]) -> _Row:
        names = self._roles(node)
        equations = tuple(filter(None, fill(translated(node.layer.equation), names).split(APART)))
        inputs = zip(node.layer.inputs, node.inputs, strict=True)
        shared = [f"d{role}" for role, value in inputs if len(value.readers) > 1]
        made_of, rules = self._rules(node.layer.forward, node.layer.backward, names, shared)
        new = tuple(line for line in made_of if line not in equations)
        return _Row("layer", title, (*equations, *new), rules, (node,), within)

    # --- Nodes and edges ----------------------------------------------------------------------

    def _add(self, row: _Row) -> None:
        if all(node.layer.passes_on for node in row.nodes):  # its output is the input's variable
            return
        made = {node.output for node in row.nodes}
        key = self._name(row.nodes[-1].output)
        reads = [v for node in row.nodes for v in node.inputs if v not in made]
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
                row.rules,
                key,
                _shape(row.nodes[-1].output.shape),
                self.numbers(key),
                self._slope(key),
                row.within,
            )
        )

    def _add_parameters(self, node: Node, key: str) -> None:
        names = self.program.array_names
        own = [(names[node, role], one.shape) for role, one in node.parameters.items()]
        tied = [
            (names[owner, role], owner.parameters[role].shape)
            for owner, role in node.shared.values()
        ]
        for name, shape in own + tied:
            self.edges.append(Edge(name, key))
            if name not in self.known:
                self.known.add(name)
                lengths = _shape(shape, batch=False)
                numbers = self.numbers(name), self._slope(name)
                self.boxes.append(Box(name, "parameter", name, (), (), name, lengths, *numbers))

    def _add_folded_parameters(self, row: _Row, key: str) -> None:
        count = sum(size(one.shape) for node in row.nodes for one in node.parameters.values())
        if count:
            name = f"parameters of {key}"
            self.edges.append(Edge(name, key))
            self.boxes.append(Box(name, "parameter", f"{count:,}", (translated("parameters"),)))

    def _add_loss(self) -> None:
        spec, training = self.program.spec, self.program.training
        if spec.train is None or training is None:
            return
        loss = spec.train.loss
        first, *rest = training.terms
        lines = (f"{LOSS} = {first}", *(f"+ {term}" for term in rest))
        called = (translated("targets"),)
        self.boxes.append(Box(TARGET, "target", TARGET, called, forward=self.numbers(TARGET)))
        self.edges.append(Edge(self._name(self.program.graph.output), LOSS))
        self.edges.append(Edge(TARGET, LOSS))
        title = print_builtin(loss, defaults=False)
        output = self._name(self.program.graph.output)
        made_of, rules = self._rules(loss.forward, loss.backward, {"x": output, TARGET: TARGET})
        numbers = self.numbers(LOSS)
        slope = f"d{LOSS} = 1" if numbers else ""
        self.boxes.append(
            Box(LOSS, "loss", title, lines + made_of, rules, LOSS, "", numbers, slope)
        )

    def _roles(self, node: Node) -> dict[str, str]:
        """Return the names that the texts of a layer have in the script."""
        arrays = self.program.array_names
        names = dict(zip(node.layer.inputs, map(self._name, node.inputs), strict=True))
        names["y"] = self._name(node.output)
        names |= {role: arrays[node, role] for role in node.parameters}
        return names | {
            role: arrays[owner, owners] for role, (owner, owners) in node.shared.items()
        }

    def _rules(
        self, forward: str, backward: str, names: Mapping[str, str], shared: Sequence[str] = ()
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return a backward pass in the names of the script, unless it is long.

        Before it come the lines of the forward pass that make what it reads. The gradients that
        are `shared` are sums, of which it makes a part.
        """
        if self.numbers is _nothing:
            return (), ()
        rules = [_part(made) if made.target in shared else made for made in parse_text(backward)]
        wanted = {name for made in rules for name in made.reads}
        made_of: list[Statement] = []
        for made in reversed(parse_text(forward)):
            if made.target in wanted and made.target not in names:
                made_of.insert(0, made)
                wanted |= set(made.reads)
        both = {**names, **{f"d{role}": f"d{name}" for role, name in names.items()}}
        texts = [tuple(made.rename(both).text for made in lines) for lines in (made_of, rules)]
        is_long = len(rules) + len(made_of) > MAX_RULES
        if is_long or any("\n" in text for lines in texts for text in lines):
            return (), ()
        return texts[0], texts[1]

    def _name(self, value: Value) -> str:
        return self.names[value]

    def _slope(self, name: str) -> str:
        return self.numbers(f"d{name}")


def _part(made: Statement) -> Statement:
    """Return what adds to a gradient what a statement would have it be."""
    if made.target is None or made.value is None:
        return made
    return statement(AugmentedAssign(Name(made.target), "+", made.value))


def _names(group: Group) -> list[str]:
    return [print_builtin(group.structure, defaults=False), group.structure.keyword()]


def _gives_several(parts: Sequence[Part]) -> bool:
    """Is a value taken outside that is not the last one? A box that is folded gives one."""
    *others, last = [node for part in parts for node in nodes_of(part)]
    inside = {*others, last}
    return any(reader not in inside for node in others for reader in node.output.readers)


def _opens(expand: Expand, names: Sequence[str], items: Sequence[Part], depth: int) -> bool:
    """Is a part to be open: by its name, or since one inside of it is?"""
    if isinstance(expand, bool):
        return expand
    return not {*names, *_foldable(items, depth)}.isdisjoint(expand)


def _foldable(items: Sequence[Part], depth: int) -> Iterator[str]:
    """Yield the names of blocks and repetitions that are folded, those inside of others, too."""
    for part in items:
        yield from (copy.block for copy in _copies(part)[depth:])
        if isinstance(part, Group):
            chains = [chain for chain in part.parts if isinstance(chain, Chain)]
            if len(chains) > 1 and len(chains) == len(part.parts):
                yield from _names(part)
            yield from _foldable(part.parts, depth)
        elif isinstance(part, Chain):
            yield from _foldable(part.items, depth)


def _nothing(name: str) -> str:
    return ""


def _folded(title: str, items: Sequence[Part], depth: int, within: tuple[str, ...]) -> _Row:
    lines = (" → ".join(_summary(items, depth)),)
    nodes = tuple(node for part in items for node in nodes_of(part))
    return _Row("folded", title, lines, (), nodes, within)


def _copies(part: Part) -> tuple[Copy, ...]:
    if isinstance(part, Chain):
        return ()
    return part.origin.copies


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
