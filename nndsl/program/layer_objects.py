"""The network as objects: layers, structures that hold layers, and the blocks of the page.

A structure that joins what it holds (`y = x + f(x)`) is a class of its own, made of the texts of
its joins; one that only sets layers in a row is none. Each block of the page is a class, made with
the arrays of its layers.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TypeAlias

from nndsl.analysis.node import Chain, Group, Node
from nndsl.analysis.repetition import NAME, Repetition
from nndsl.ir import (
    Expression,
    ExpressionStatement,
    Name,
    Operation,
    parse_text,
    parse_value,
    quoted,
    statement,
)
from nndsl.ir.printer import expression, on_lines
from nndsl.ir.symbols import number
from nndsl.ir.tree import Clause, Comprehension
from nndsl.languages import sentence
from nndsl.program.chains import ends_of, is_chain, is_closed, is_in_a_row, nodes_of
from nndsl.program.layer_classes import (
    BASE,
    layer_class,
    option_of,
    options_of,
    sequential_class,
    stacked_class,
)
from nndsl.program.layer_functions import LayerKind, layer_kinds
from nndsl.program.layer_joins import join_methods
from nndsl.program.layer_lines import Line, backward_of, forward_of
from nndsl.program.layers import Layers
from nndsl.program.named_node import NamedNode
from nndsl.program.names import Names
from nndsl.program.program import Class, Function
from nndsl.record import record
from nndsl.source import Copy
from nndsl.vocabulary.builtin import Builtin, camel_case
from nndsl.vocabulary.layer import FORWARD, PREDICT

SEQUENTIAL, STACKED = "Sequential", "stacked"
WIDTH = 76  # of a call that stands on one line


@record
class Slot:
    """What an object is made with: an array of a dictionary, or a number."""

    role: str  # the layer's name for it
    source: str  # `params`, `state`; empty: a number
    code: str  # the array's name, or the number

    @property
    def value(self) -> Expression:
        """What it is in the script, outside of all classes."""
        if not self.source:
            return parse_value(self.code)
        return Operation("[]", (Name(self.source), quoted(self.code)))


@dataclass(eq=False)
class Leaf:
    """A layer of the network, as an object."""

    name: str  # of its class
    named: NamedNode
    kind: LayerKind

    @property
    def slots(self) -> list[Slot]:
        """What it is made with, in the order of the arguments."""
        named = self.named
        arrays = named.parameters | named.tied_parameters
        found = [Slot(role, "params", arrays[role]) for role in self.kind.parameters]
        found += [Slot(role, "state", named.states[role]) for role in self.kind.states]
        return found + [Slot(o, "", option_of(named, o)) for o in options_of(self.kind)]

    @property
    def key(self) -> object:
        return self.name


@dataclass(eq=False)
class Held:
    """An object that holds others: a structure, a block, layers in a row."""

    name: str  # of its class
    items: list[Item]
    block: str = ""  # of the page, that it is a copy of
    arguments: tuple[int, ...] = field(default=())  # which slots a block is made with

    @property
    def slots(self) -> list[Slot]:
        """What all that it holds is made with."""
        return [slot for item in self.items for slot in item.slots]

    @property
    def key(self) -> object:
        """What two objects share that differ in arrays and numbers alone."""
        return self.name, *(item.key for item in self.items)


@dataclass(eq=False)
class Repeated:
    """Objects that are made of the rows of stacked arrays, each of one row."""

    name: str  # of the class that holds them
    item: Item  # the first of them
    times: Expression
    slots: list[Slot]  # of the first, with the whole arrays

    @property
    def key(self) -> object:
        return self.name, expression(self.times), self.item.key


Item: TypeAlias = Leaf | Held | Repeated


class Objects:
    """The objects of a network, and the classes that they are of.

    Where nothing `trains`, they have no backward pass.
    """

    def __init__(self, layers: Layers, names: Names, *, trains: bool) -> None:
        self._names = names
        self._trains = trains
        given = (*layers.parameters, *layers.states)
        self._arrays = {name: array for array in given for name in array.arrays}
        self._repetitions = {m: r for r in layers.graph.repetitions for m in r.marks}
        self._named = {named.node: named for named in layers.nodes}
        self.predicts = trains and any(named.node.layer.inference_forward for named in layers.nodes)
        kinds = layer_kinds(layers.nodes)
        self._kinds = {named.node: kind for kind in kinds for named in kind.nodes}
        self._known: dict[object, str] = {}  # names of classes, by what they are of
        self._name = SEQUENTIAL  # of the class of the network
        self._layers, self._values = layers, layers.values
        self._graph = graph = layers.graph
        self.lines: list[Line[Item]] | None = None  # where the network is more than a chain
        sequential = sequential_class(trains=trains, predicts=self.predicts)
        self.classes: list[Class] = [sequential]
        if len(graph.inputs) == len(graph.outputs) == 1 and is_chain(graph.chain):
            self.items = list(self._items(graph.chain, 0))
        else:
            self.lines = list(self._lines(list(_in_a_row(graph.chain)), 0))
            self.items = [line.item for line in self.lines]
            self._name = names.fresh("Network")
            if not any(isinstance(item, Held | Repeated) for item in self.items):
                self.classes.remove(sequential)
            self.classes.append(self._network_class(self.lines))
        self._write_blocks()

    # --- What the network is made of ------------------------------------------------------

    def _items(self, chain: Chain, depth: int) -> Iterator[Item]:
        """Yield the objects of a chain that stands in `depth` blocks."""
        yield from self._grouped(list(_in_a_row(chain)), depth)

    def _grouped(self, parts: Sequence[Node | Group], depth: int) -> Iterator[Item]:
        for copy, group in groupby(parts, lambda part: _copy(part, depth)):
            if copy is not None:
                repetition = self._repetitions.get(copy)
                if repetition is None or copy is repetition.marks[0]:
                    items = list(self._grouped(list(group), depth + 1))
                    is_named = repetition is None or copy.block != NAME
                    item = Held("", items, copy.block) if is_named else _one(items)
                    yield item if repetition is None else self._repeated(item, repetition)
                continue
            for part in group:
                if isinstance(part, Group):
                    yield self._structure(part, depth)
                elif part in self._named:
                    yield self._leaf(part)

    def _lines(self, parts: Sequence[Node | Group], depth: int) -> Iterator[Line[Item]]:
        """Yield objects with what they take and give; what is no chain is taken apart."""
        for copy, group in groupby(parts, lambda part: _copy(part, depth)):
            inside = list(group)
            if copy is None:
                for part in inside:
                    yield from self._line(part, depth)
                continue
            repetition = self._repetitions.get(copy)
            if repetition is not None and copy is not repetition.marks[0]:
                continue  # the first copy stands for all
            nodes = [node for part in inside for node in nodes_of(part)]
            if repetition is not None:
                x, y = repetition.input, repetition.outputs[-1]
                if is_in_a_row(inside, self._graph):
                    (item,) = self._grouped(inside, depth)
                else:
                    item = self._repeated(self._round(inside, repetition, depth), repetition)
                takes = (self._values[x],)
                yield Line(self._values[y], item, takes, takes)
            elif is_in_a_row(inside, self._graph):
                (item,) = self._grouped(inside, depth)
                takes = (self._values[nodes[0].inputs[0]],)
                yield Line(self._values[nodes[-1].output], item, takes, takes)
            else:
                yield from self._lines(inside, depth + 1)

    def _line(self, part: Node | Group, depth: int) -> Iterator[Line[Item]]:
        if isinstance(part, Node):
            if part in self._named:
                takes = tuple(self._values[value] for value in part.inputs)
                kind = self._kinds[part]
                learning = tuple(
                    name
                    for role, name in zip(kind.inputs, takes, strict=True)
                    if f"d{role}" in kind.gradients
                )
                yield Line(self._values[part.output], self._leaf(part), takes, learning)
            return
        if is_closed(part, self._graph):
            value, output = ends_of(part)
            takes = (self._values[value],)
            yield Line(self._values[output], self._structure(part, depth), takes, takes)
            return
        for inner in part.parts:
            if isinstance(inner, Node):
                yield from self._line(inner, depth)
            elif isinstance(inner, Chain):
                yield from self._lines(list(_in_a_row(inner)), depth)

    def _leaf(self, node: Node) -> Leaf:
        kind = self._kinds[node]
        name = self._name_of(
            kind.name,
            kind.name,
            lambda name: layer_class(kind, name, trains=self._trains, predicts=self.predicts),
            kind.layer,
        )
        return Leaf(name, self._named[node], kind)

    def _structure(self, group: Group, depth: int) -> Held:
        chains = [part for part in group.parts if isinstance(part, Chain)]
        held = [list(self._items(chain, depth)) for chain in chains]
        methods = join_methods(
            group, self._kinds, self._named, trains=self._trains, predicts=self.predicts
        )
        says = inspect.cleandoc(type(group.structure).__doc__ or "").split("\n")[0]
        keyword = group.structure.keyword()
        name = self._name_of(
            (keyword, methods), keyword, lambda name: Class(name, SEQUENTIAL, says, methods)
        )
        return Held(name, held[0] if len(held) == 1 else [_one(items) for items in held])

    def _round(self, parts: Sequence[Node | Group], repetition: Repetition, depth: int) -> Held:
        """Return what stands for a copy whose layers take values by name."""
        lines = list(self._lines(parts, depth + 1))
        inputs = [self._values[repetition.input]]
        outputs = [self._values[repetition.outputs[0]]]
        name = self._names.fresh("Round")
        says = "A round of `repeat`: its layers take values by name."
        made = self._class_of_lines(name, says, lines, inputs, inputs, outputs)
        suffix = repetition.suffix(0)  # of the first copy: what stands for all has none
        own = {name for line in lines for name in (line.makes, *line.takes)} - {*inputs}
        short = {name: name.removesuffix(suffix) for name in own if name.endswith(suffix)}
        if own.isdisjoint(short.values()) and {*inputs}.isdisjoint(short.values()):
            short |= {f"d{name}": f"d{new}" for name, new in short.items()}
            made = replace(made, methods=tuple(one.rename(short) for one in made.methods))
        self.classes.append(made)
        return Held(name, [line.item for line in lines])

    def _repeated(self, first: Item, repetition: Repetition) -> Repeated:
        """Return what stands for the copies of an item whose arrays are stacked."""
        made = stacked_class(trains=self._trains)
        name = self._name_of(STACKED, STACKED, lambda name: replace(made, name=name))
        slots = [
            replace(slot, code=self._arrays[slot.code].name) if slot.source else slot
            for slot in first.slots
        ]
        return Repeated(name, first, number(repetition.times), slots)

    def _name_of(
        self, what: object, name: str, make: Callable[[str], Class], word: Builtin | None = None
    ) -> str:
        """Return the name of the class for something, which is made when it is met first."""
        if what not in self._known:
            names = self._names
            self._known[what] = (
                names.of_class(word, name) if word else names.fresh(camel_case(name))
            )
            self.classes.append(make(self._known[what]))
        return self._known[what]

    # --- Blocks ---------------------------------------------------------------------------

    def _write_blocks(self) -> None:
        """Give each block of the page a class: the innermost first."""
        blocks = list(_blocks(self.items))
        for block in blocks:  # those inside come first, so that keys know their classes
            alike = [b for b in blocks if b.block == block.block and b.key == block.key]
            if block.name:
                continue
            slots = [b.slots for b in alike]
            differing = [
                at
                for at, same in enumerate(zip(*slots, strict=True))
                if same[0].source or len({slot.code for slot in same}) > 1
            ]
            order = ("params", "state", "")
            arguments = tuple(sorted(differing, key=lambda at: order.index(slots[0][at].source)))
            name = self._names.fresh(camel_case(block.block))
            self.classes.append(self._block_class(name, block, arguments))
            for b in alike:
                b.name, b.arguments = name, arguments

    def _block_class(self, name: str, block: Held, arguments: Sequence[int]) -> Class:
        slots = block.slots
        roles = Counter(slots[at].role for at in arguments)
        numbers: Counter[str] = Counter()
        local: dict[int, str] = {}
        for at in arguments:
            role = slots[at].role
            numbers[role] += 1
            local[at] = role if roles[role] == 1 else f"{role}{numbers[role]}"
        made, _ = _made(block.items, lambda at: Name(local[at]) if at in local else slots[at].value)
        call = on_lines(Operation(".__init__()", (Name("super()"), *made)), width=1)
        body = (statement(ExpressionStatement(call)),)
        begin = Function("__init__", ("self", *local.values()), "", body)
        return Class(
            name,
            SEQUENTIAL,
            sentence("The block `{name}` of the page.", name=block.block),
            (begin,),
        )

    # --- The expression -------------------------------------------------------------------

    @property
    def network(self) -> Operation:
        """The expression that makes the network."""
        slots = [slot for item in self.items for slot in item.slots]
        made, _ = _made(self.items, lambda at: slots[at].value)
        return on_lines(Operation(f"{self._name}()", tuple(made)), width=1)

    def _network_class(self, lines: Sequence[Line[Item]]) -> Class:
        """Return the class of the network whose layers take values by name."""
        graph, names = self._graph, self._values
        inputs = [names[value] for value in graph.inputs.values()]
        outputs = [names[value] for value in graph.outputs.values()]
        says = "The network: its layers take values by name."
        learning = self._layers.quantities
        return self._class_of_lines(self._name, says, lines, inputs, learning, outputs)

    def _class_of_lines(
        self,
        name: str,
        says: str,
        lines: Sequence[Line[Item]],
        inputs: Sequence[str],
        learning: Sequence[str],
        outputs: Sequence[str],
    ) -> Class:
        """Return a class of layers that take values by name; `learning` inputs have gradients."""
        begin = Function("__init__", ("self", "*layers"), "", parse_text("self.layers = layers"))
        methods = [begin, forward_of(FORWARD, lines, inputs, outputs)]
        if self._trains:
            methods.append(backward_of(lines, learning, outputs))
        if self.predicts:
            methods.append(forward_of(PREDICT, lines, inputs, outputs))
        return Class(name, BASE, says, tuple(methods))

    @property
    def trained(self) -> Iterator[str]:
        """The arrays of which the objects hold gradients, in their order; some stand twice."""
        yield from (
            slot.code for item in self.items for slot in item.slots if slot.source == "params"
        )


def _in_a_row(chain: Chain) -> Iterator[Node | Group]:
    """Yield what stands in a chain; of structures that join nothing, what stands in them."""
    for part in chain.items:
        if isinstance(part, Group) and not any(isinstance(inner, Node) for inner in part.parts):
            for inner in part.parts:
                assert isinstance(inner, Chain)
                yield from _in_a_row(inner)
        elif not isinstance(part, Chain):
            yield part


def _copy(part: Node | Group, depth: int) -> Copy | None:
    if isinstance(part, Group):  # it stands where it joins what it holds
        part = next(inner for inner in part.parts if isinstance(inner, Node))
    copies = part.origin.copies
    return copies[depth] if depth < len(copies) else None


def _one(items: list[Item]) -> Item:
    """Return items as one: several are layers in a row."""
    return items[0] if len(items) == 1 else Held(SEQUENTIAL, items)


def _blocks(items: Iterable[Item]) -> Iterator[Held]:
    """Yield the copies of blocks, those inside of others first."""
    for item in items:
        match item:
            case Held():
                yield from _blocks(item.items)
                if item.block:
                    yield item
            case Repeated():
                yield from _blocks([item.item])


def _made(
    items: Iterable[Item], value: Callable[[int], Expression], first: int = 0
) -> tuple[list[Expression], int]:
    """Return calls that make objects, and the number of slots so far; `value` is that of a slot."""
    made: list[Expression] = []
    for item in items:
        after = first + len(item.slots)
        if isinstance(item, Leaf):
            values = [(slot, value(first + at)) for at, slot in enumerate(item.slots)]
            arrays = tuple(code for slot, code in values if slot.source)
            numbers = tuple((slot.role, code) for slot, code in values if not slot.source)
            made.append(_call(item.name, arrays, numbers))
        elif isinstance(item, Repeated):
            made.append(_loop(item, value, first))
        elif item.block:
            made.append(_call(item.name, tuple(value(first + at) for at in item.arguments)))
        else:
            inner, _ = _made(item.items, value, first)
            made.append(_call(item.name, tuple(inner), spread=True))
        first = after
    return made, first


def _loop(item: Repeated, value: Callable[[int], Expression], first: int) -> Expression:
    """Return the call that makes an object for each row of stacked arrays."""

    def row(at: int) -> Expression:
        whole = value(first + at)
        return Operation("[]", (whole, Name("i"))) if item.slots[at].source else whole

    (one,), _ = _made([item.item], row)
    over = Clause(Name("i"), Operation("range()", (item.times,)))
    objects = Comprehension("[]", one, (over,), spread=True)
    return Operation(f"{item.name}()", (Operation("*", (objects,)),))


def _call(
    name: str,
    operands: tuple[Expression, ...],
    options: tuple[tuple[str, Expression], ...] = (),
    *,
    spread: bool = False,
) -> Operation:
    call = Operation(f"{name}()", operands, options)
    if len(expression(call)) <= WIDTH:
        return call
    return on_lines(call, width=1 if spread else WIDTH)
