"""The network as statements: the source of each layer with names of its own filled in."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from nndsl.analysis.graph import Graph
from nndsl.analysis.node import Node, Value
from nndsl.analysis.repetition import Repetition
from nndsl.ir import (
    Name,
    Operation,
    Statement,
    assign,
    name_tuple,
    parse_text,
    reads,
    wrapped,
)
from nndsl.ir.printer import enclosed
from nndsl.ir.rows import Dimensions, Rows, node_of
from nndsl.ir.symbols import as_int, symbol
from nndsl.languages import translated
from nndsl.program.constants import constant, literal
from nndsl.program.context import Context, Shapes
from nndsl.program.initializers import Initializers, shape_of
from nndsl.program.layer_calls import CACHE, LayerCalls, is_long, link
from nndsl.program.layer_functions import layer_kinds
from nndsl.program.local_names import DIGITS
from nndsl.program.named_node import NamedNode
from nndsl.program.names import CopyNames, Names
from nndsl.program.naming import SCORES, VALUES
from nndsl.program.passes import accumulate
from nndsl.program.program import Array, Function
from nndsl.shapes import SequenceShape, Shape, Tokens
from nndsl.vocabulary.layer import Layer

ROWS = "a row for each position of each example"
COMMON = {"rng": "noise_rng", "N": "N", "np": "np", "math": "math", "_": "_"}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a layer stands in a stack: in which copy, and as the how manieth of it."""

    repetition: Repetition
    copy: int
    at: int


@dataclass(frozen=True, slots=True)
class Entrance:
    """What the first copy of a stack reads: its name there, and outside."""

    copies: Repetition
    node: Node  # the first layer
    inside: str
    outside: str


class Layers:
    """Names everything in a graph and writes its passes."""

    def __init__(
        self,
        graph: Graph,
        context: Context,
        *,
        optimized: bool = False,
        written_out: bool = False,
    ) -> None:
        self.graph = graph
        train = context.spec.train
        self._last = SCORES if train is not None and train.loss.takes_scores else VALUES
        self._optimized, self._written_out = optimized, written_out
        self._batch = as_int(symbol("BATCH_SIZE", train.batch)) if train is not None else 1
        self.shapes = context.shapes
        self.inputs = tuple(
            context.names.differentiable(name) if name else context.names.fresh("X")
            for name in graph.inputs
        )
        self.values = dict(zip(graph.inputs.values(), self.inputs, strict=True))
        self.nodes: list[NamedNode] = []
        self._all_names = context.names
        self._names: Names | CopyNames = context.names
        self._constants = context.constants
        self._dtype = context.dtype
        self._weights = 0
        self._parameters: dict[tuple[Node, str], str] = {}  # by node and role
        self._states: dict[Node, dict[str, str]] = {}  # for each role
        self._given: set[str] = set()  # gradients that have a first contribution
        self._rows: dict[int, str] = {}  # number of positions -> the name for the rows
        self._calls: dict[Node, LayerCalls] = {}  # of layers that are functions
        self._called: set[str] = set()  # the operations that call their backward passes
        for name, value in zip(self.inputs, graph.inputs.values(), strict=True):
            self.shapes.declare(name, (Rows(), *value.shape))
            self.shapes.copy(name, f"d{name}")
        self._stacked = {
            node: _Place(repetition, copy, at)
            for repetition in graph.repetitions
            for copy, nodes in enumerate(repetition.copies)
            for at, node in enumerate(nodes)
        }
        places = ((node, self._stacked.get(node)) for node in graph.nodes)
        first = [node for node, place in places if place is None or not place.copy]
        self._roles = Counter(role for node in first for role in node.parameters)
        has_states = any(node.layer.state for node in graph.nodes)
        stand_there = ["state"] * has_states + ["memory"] * optimized
        page = {node.output.name for node in graph.nodes}
        context.names.release(page.difference(stand_there))
        self._copies: dict[Repetition, list[CopyNames]] = {}
        self._weights_before: dict[Repetition, int] = {}
        self._entered: dict[Repetition, Entrance] = {}
        for node in graph.nodes:
            self._enter(node)
            if node.layer.passes_on:
                self.values[node.output] = self.values[node.inputs[0]]
            else:
                self._name(node)
        self._names = self._all_names
        self._name_functions()
        drawn = Initializers(self._dtype, self._all_names)
        self.parameters = tuple(self._parameter_arrays(drawn))
        self.states = tuple(self._state_arrays())
        self.initializers = drawn.functions

    @property
    def quantities(self) -> tuple[str, ...]:
        """The names of the inputs that are quantities, and have gradients: no tokens."""
        inputs = zip(self.inputs, self.graph.inputs.values(), strict=True)
        return tuple(name for name, value in inputs if not isinstance(value.shape, Tokens))

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the outputs of the network."""
        return tuple(self.values[value] for value in self.graph.outputs.values())

    @property
    def arrays(self) -> dict[tuple[Node, str], str]:
        """The names of parameters and states, by their nodes and their roles."""
        return {
            (named.node, role): name
            for named in self.nodes
            for role, name in (named.parameters | named.states).items()
        }

    def _enter(self, node: Node) -> None:
        """Let names be those of the copy of a stack in which a layer stands, if it does."""
        place = self._stacked.get(node)
        if place is None:
            self._names = self._all_names
            return
        if place.at:
            return
        copies = self._copies.setdefault(place.repetition, [])
        self._names = CopyNames(
            self._all_names, place.repetition.suffix(len(copies)), copies[0] if copies else None
        )
        if copies:
            self._weights = self._weights_before[place.repetition]
        self._weights_before[place.repetition] = self._weights
        copies.append(self._names)

    def _input(self, node: Node, value: Value) -> str:
        """Return the name of what a layer reads: in the first copy of a stack one of its own."""
        name, place = self.values[value], self._stacked.get(node)
        if place is None or place.copy or name != self.values[place.repetition.input]:
            return name
        if place.repetition not in self._entered:
            inside = self._all_names.differentiable(f"{name}_in")
            for prefix in ("", "d"):
                self.shapes.copy(f"{prefix}{name}", f"{prefix}{inside}")
            self._entered[place.repetition] = Entrance(place.repetition, node, inside, name)
        return self._entered[place.repetition].inside

    def _name(self, node: Node) -> None:
        layer = node.layer
        if node.has_weights:
            self._weights += 1
        number = self._weights  # of the last layer with weights: what follows it has its number
        output = self._output_name(node, str(number))
        self.values[node.output] = output
        self.shapes.declare(output, self.dimensions(node.output.shape))
        inputs = [self._input(node, value) for value in node.inputs]
        shapes = node.shapes
        roles = dict(zip(layer.inputs, inputs, strict=True)) | {"y": output}
        ending = "" if self._needs_no_number(node) else str(number)
        own = {role: self._names.fresh(f"{role}{ending}") for role in node.parameters}
        tied_parameters = {
            role: self._parameters[owner, owners_role]
            for role, (owner, owners_role) in node.shared.items()
        }
        self._parameters |= {(node, role): name for role, name in own.items()}
        if node.keeps_for is not None:
            states = self._states[node.keeps_for]
        else:
            states = {role: self._names.fresh(f"{role}{number}") for role in layer.state}
        self._states[node] = states
        for role, parameter in node.parameters.items():
            self.shapes.declare(own[role], parameter.shape)
        for state in states.values():
            self.shapes.declare(state, self._state_shape(node))
        texts = [*parse_text(self._forward(layer)), *parse_text(self._inference_forward(layer))]
        learns = [*parse_text(layer.update_running_stats), *parse_text(self._backward(layer))]
        numbers = {role: literal(value) for role, value in layer.numbers(*shapes).items()}
        roles |= own | tied_parameters | states | COMMON | {"dtype": self._dtype} | numbers
        if node.works_on_rows:
            roles["N"] = self.rows(node.inputs[0].shape[0])
        roles |= self._constants.of_fields(layer, reads(texts + learns) - set(numbers))
        if self._is_function(layer):
            roles[CACHE] = self._names.fresh(f"{CACHE}_{output}")
        else:
            self._name_steps(roles, texts, learns, number, numbers)
        roles["dy"] = f"d{output}"
        for role in ("y", *layer.inputs, *own):
            self.shapes.copy(roles[role], f"d{roles[role]}")
        again = {}
        for position, (role, name) in enumerate(zip(layer.inputs, inputs, strict=True)):
            if name in inputs[:position]:
                part = roles[f"d{role}"] = self._names.fresh(f"d{name}_from_{role}")
                again[part] = f"d{name}"
                self.shapes.copy(f"d{name}", part)
        self.nodes.append(
            NamedNode(node, roles, own, tied_parameters, states, again, self._names.suffix)
        )

    def _output_name(self, node: Node, number: str) -> str:
        """Return what the output of a layer is called: as on the page, or by a letter."""
        letters, symbol = self._names.letters, node.layer.symbol
        if name := node.output.name:
            letter = name.rstrip(DIGITS).lower()
            if letter != name.lower() and letter in map(str.lower, self._roles):
                name = f"{name}_out"  # not to be taken for an array: w1 for W1
            return self._names.differentiable(name)
        is_last = len(self.graph.outputs) == 1 and node.output is self.graph.output
        if is_last and self._last in letters:
            return self._names.fresh(letters[self._last])
        return self._names.fresh(f"{letters.get(symbol, symbol)}{number}")

    def _needs_no_number(self, node: Node) -> bool:
        """Are its parameters the only ones of their names, which say what they are: `W_pos`?"""
        return all("_" in role and self._roles[role] == 1 for role in node.parameters)

    def _name_steps(
        self,
        roles: dict[str, str],
        forward: Iterable[Statement],
        backward: Iterable[Statement],
        number: int,
        numbers: Collection[str],
    ) -> None:
        """Name what stands between the input and the output of a layer, and the gradients of it."""
        for statement in forward:
            for name in statement.writes:
                if name not in roles:
                    roles[name] = self._names.differentiable(f"{name}{number}")
        for statement in backward:
            for name in statement.writes:
                if name not in roles and name[:1] == "d" and name[1:] in set(roles) - set(numbers):
                    roles[name] = f"d{roles[name[1:]]}"
                elif name not in roles:
                    roles[name] = self._names.fresh(f"{name}{number}")

    def _is_function(self, layer: Layer) -> bool:
        return not self._written_out and is_long(layer)

    def _name_functions(self) -> None:
        """Give the layers that are functions what calls these."""
        long = [named for named in self.nodes if self._is_function(named.node.layer)]
        for kind in layer_kinds(long):
            calls = LayerCalls(kind, self._all_names)
            self._calls |= {named.node: calls for named in kind.nodes}
            self._called.add(f"{calls.backward_name}()")

    def is_call(self, made: Statement) -> bool:
        """Does a statement call the backward pass of a layer? `link` looks for it by itself."""
        return isinstance(made.value, Operation) and made.value.op in self._called

    def functions(self, callers: Sequence[Function]) -> tuple[list[Function], list[Function]]:
        """Return the functions of layers that are called, and the callers, with what they read."""
        calls = list(dict.fromkeys(self._calls.values()))
        for made in calls:
            made.annotate(self._shapes_of)
        return link(calls, callers)

    def _shapes_of(self, named: NamedNode) -> Shapes:
        """Return the shapes of a layer's roles."""
        shapes, node = Shapes(self._constants), named.node
        for role, value in zip(node.layer.inputs, node.inputs, strict=True):
            shapes.declare(role, self.dimensions(value.shape))
        shapes.declare("y", self.dimensions(node.output.shape))
        for role, parameter in node.parameters.items():
            shapes.declare(role, parameter.shape)
        for role, (owner, owners_role) in node.shared.items():
            shapes.declare(role, owner.parameters[owners_role].shape)
        for role in node.layer.state:
            shapes.declare(role, self._state_shape(node))
        for role in (*node.layer.inputs, *node.parameters, "y"):
            shapes.copy(role, f"d{role}")
        return shapes

    def _state_shape(self, node: Node) -> Shape:
        """Return the shape of a layer's states: of those that go on, a row for each of a batch."""
        shape = node.layer.state_shape(*node.shapes)
        return (self._batch, *shape) if node.layer.carries else shape

    def dimensions(self, shape: Shape) -> Dimensions:
        """Return the lengths that a value has in the script: a row for each position, if any."""
        if isinstance(shape, SequenceShape):
            return (Rows(shape[0]), *shape.row)
        return (Rows(), *shape)

    def rows(self, positions: int) -> str:
        """Return the name of the number of rows: all positions of all examples."""
        if positions not in self._rows:
            self._rows[positions] = self._all_names.fresh("rows")
        return self._rows[positions]

    def _rows_of_layers(self) -> Iterator[tuple[int, list[NamedNode]]]:
        """Yield each layer with its number among all; the copies of one in a stack together."""
        copies: dict[tuple[Repetition, int], list[NamedNode]] = {}
        for named in self.nodes:
            if (place := self._stacked.get(named.node)) is not None:
                copies.setdefault((place.repetition, place.at), []).append(named)
        for layer, named in enumerate(self.nodes):
            place = self._stacked.get(named.node)
            if place is None:
                yield layer, [named]
            elif not place.copy:
                yield layer, copies[place.repetition, place.at]

    def _parameter_arrays(self, drawn: Initializers) -> Iterator[Array]:
        for layer, copies in self._rows_of_layers():
            first, parts = copies[0], [one.parameters for one in copies]
            for role, parameter in first.node.parameters.items():
                parameters = [one.node.parameters[role] for one in copies]
                if first.suffix:
                    made = drawn.stack(parameters, self._stacked[first.node].repetition.times)
                else:
                    made = drawn.value(parameter)
                name, shape, names = self._array(first, role, parameter.shape, parts)
                yield Array(
                    name,
                    shape,
                    made,
                    layer,
                    parameter.is_weight,
                    is_derived=bool(first.node.init_reason) and parameter.is_weight,
                    parts=names,
                    regularize=parameter.regularize,
                    is_frozen=first.node.is_frozen,
                    weights_from=first.node.weights_from,
                )

    def _state_arrays(self) -> Iterator[Array]:
        for layer, copies in self._rows_of_layers():
            first, parts = copies[0], [one.states for one in copies]
            if first.node.keeps_for is not None:
                continue
            for role, begins in first.node.layer.state.items():
                shape = self._state_shape(first.node)
                name, shape, names = self._array(first, role, shape, parts)
                function = {0.0: "np.zeros()", 1.0: "np.ones()"}.get(begins, "np.full()")
                given = [constant(begins)] * (function == "np.full()")
                made = Operation(function, (shape_of(shape), *given, Name(self._dtype)))
                weights_from = first.node.weights_from
                yield Array(name, shape, made, layer, parts=names, weights_from=weights_from)

    @property
    def carried(self) -> tuple[str, ...]:
        """The names of the states that go on from batch to batch."""
        own = {n for one in self.nodes if one.node.layer.carries for n in one.states.values()}
        return tuple(state.name for state in self.states if own.intersection(state.arrays))

    def _array(
        self, first: NamedNode, role: str, shape: Shape, names: Sequence[Mapping[str, str]]
    ) -> tuple[str, Shape, tuple[str, ...]]:
        """Return the name and the shape of a layer's array, and its parts if it is stacked."""
        parts = tuple(one[role] for one in names)
        if not first.suffix:
            return parts[0], shape, ()
        name = parts[0].removesuffix(first.suffix)
        stacked = (self._stacked[first.node].repetition.times, *shape)
        for prefix in ("", "d"):
            self.shapes.declare(f"{prefix}{name}", stacked)
        return name, stacked, parts

    def begin(self) -> list[Statement]:
        """Return the statements that name parameters and states, and count examples and rows."""
        arrays = _unpacked("params", self.parameters) + _unpacked("state", self.states)
        return [*arrays, *self.counts()]

    def counts(self) -> list[Statement]:
        """Return the statements that count examples and rows."""
        counted = [
            assign(name, node_of(Rows(positions))).with_comment(ROWS)
            for positions, name in self._rows.items()
        ]
        return [*parse_text(f"N = len({self.inputs[0]})"), *counted]

    def forward(self, *, evaluate: bool = False) -> list[Statement]:
        """Return the statements from the input to the output."""
        made: list[Statement] = []
        entered = {entrance.node: entrance for entrance in self._entered.values()}
        for named in self.nodes:
            layer = named.node.layer
            if (entrance := entered.get(named.node)) is not None:
                made.append(assign(entrance.inside, Name(entrance.outside)))
            text = self._inference_forward(layer) if evaluate else ""
            calls = self._calls.get(named.node)
            if calls is None or (text and calls.predicts_inline):
                made += self.written(text or self._forward(layer), named)
            else:
                called = calls.forward(named, evaluate=evaluate)
                shape = self.dimensions(named.node.output.shape)
                made.append(replace(self._placed(called, named), shape=shape))
        return made

    def _forward(self, layer: Layer) -> str:
        return (self._optimized and layer.optimized_forward) or layer.forward

    def _backward(self, layer: Layer) -> str:
        return (self._optimized and layer.optimized_backward) or layer.backward

    def _inference_forward(self, layer: Layer) -> str:
        return (self._optimized and layer.optimized_inference_forward) or layer.inference_forward

    def update_running_stats(self) -> list[Statement]:
        """Return the statements that update running statistics."""
        return [
            s
            for named in self.nodes
            if named.node not in self._calls
            for s in self.written(named.node.layer.update_running_stats, named)
        ]

    def backward(self, begun: Mapping[str, Sequence[Statement]]) -> list[Statement]:
        """Return the statements from the gradient of the output to those of all inputs.

        `begun` are those of gradients of parameters which come from elsewhere: a penalty's.
        """
        made: list[Statement] = []
        entered = {entrance.node: entrance for entrance in self._entered.values()}
        for named in reversed(self.nodes):
            shared = self._shared(named)
            for name in named.parameters.values():
                own = [replace(s, origin=named.node.origin) for s in begun.get(name, ())]
                made += self.contribute(own, {f"d{name}": f"d{name}_part"})
            calls = self._calls.get(named.node)
            if calls is None:
                text = self.written(self._backward(named.node.layer), named)
            else:
                text = [self._placed(calls.backward(named), named)]
            made += self.contribute(text, shared)
            for part, gradient in named.again.items():
                copy = assign(gradient, Name(part), like=text[-1])
                made += self.contribute([copy.with_comment("")], shared)
            if (entrance := entered.get(named.node)) is not None:
                outside = f"d{entrance.outside}"
                copy = assign(outside, Name(f"d{entrance.inside}"))
                made += self.contribute([copy], {outside: f"{outside}_part"})
        return made

    @property
    def between_copies(self) -> set[str]:
        """The values that copies of layers in a stack read and output."""
        found = {entrance.outside for entrance in self._entered.values()}
        outputs = (v for e in self._entered.values() for v in e.copies.outputs)
        return found | {self.values[value] for value in outputs}

    def in_copies(self, statements: Iterable[Statement]) -> set[str]:
        """Return what statements of copies in a stack write."""
        marks = {mark for repetition in self.graph.repetitions for mark in repetition.marks}
        return {
            name
            for made in statements
            if made.origin is not None and not marks.isdisjoint(made.origin.copies)
            for name in made.writes
        }

    @property
    def kept(self) -> set[str]:
        """Gradients that are made although nobody may need them: copies of layers are alike."""
        entered = () if self._optimized else self._entered.values()
        return {f"d{entrance.inside}" for entrance in entered}

    def contribute(
        self, statements: Iterable[Statement], shared: Mapping[str, str]
    ) -> list[Statement]:
        """Return statements that add to gradients which may have a contribution already.

        `shared` maps each gradient that may have several contributions to a name for one of them.
        """
        statements = list(statements)
        writes = [name for statement in statements for name in statement.writes]
        made: list[Statement] = []
        parts: dict[str, str] = {}
        for name in dict.fromkeys(writes):
            if name in shared and name in self._given:
                is_read = any(name in s.reads for s in statements)
                written_once = writes.count(name) == 1
                is_alone = any(s.target == name and not self.is_call(s) for s in statements)
                if is_read or not (written_once and is_alone):
                    parts[name] = shared[name]
        for statement in statements:
            target = statement.target
            if target in shared and target in self._given and target not in parts:
                statement = accumulate(statement)
            made.append(statement.rename(parts) if parts else statement)
        for name, part in parts.items():
            self.shapes.copy(name, part)
            last = [s for s in made if part in s.writes][-1]
            plain = assign(name, Name(part), like=last.with_comment(""))
            made.append(accumulate(plain))
        self._given.update(name for name in writes if name in shared)
        return made

    def _shared(self, named: NamedNode) -> dict[str, str]:
        inputs = [named.names[role] for role in named.node.layer.inputs]
        own = [*named.parameters.values(), *named.tied_parameters.values()]
        return {f"d{name}": f"d{name}_part" for name in [*inputs, *own]}

    def written(self, text: str, named: NamedNode) -> list[Statement]:
        """Return a text's statements with the names of a node, and what comes with its place."""
        return [self._placed(made.rename(named.names), named) for made in parse_text(text)]

    def _placed(self, made: Statement, named: NamedNode) -> Statement:
        return replace(made, origin=named.node.origin)

    def _outside_copies(self, name: str, suffix: str) -> str:
        """Return a name as it is where the copies of a stack are a loop."""
        return self._carried.get(name) or name.removesuffix(suffix)

    @cached_property
    def _carried(self) -> dict[str, str]:
        """What goes into a stack and comes out of it, by its name in copies that are no loop."""
        found: dict[str, str] = {}
        for entrance in self._entered.values():
            copies = entrance.copies
            first, last = (self.values[copies.outputs[at]] for at in (0, -1))
            carried = first.removesuffix(copies.suffix(0))
            found.setdefault(entrance.inside, carried)
            found.setdefault(last, carried)
        return found

    def equation(self, named: NamedNode) -> str:
        """Return the node's equation with the names of the script, those of constants too."""
        fields = type(named.node.layer).model_fields
        names = {k: v for k, v in named.names.items() if k not in fields or v.isupper()}
        names = {role: self._outside_copies(name, named.suffix) for role, name in names.items()}
        return fill(translated(named.node.layer.equation), names)


def fill(equation: str, names: Mapping[str, str]) -> str:
    """Replace the names of an equation that have one in the script: not `[t-1]`, `^T`, `f(`."""
    return re.sub(r"\[t-1\]|\^T|\w+\(?", lambda word: names.get(word[0], word[0]), equation)


def _unpacked(dictionary: str, arrays: tuple[Array, ...]) -> list[Statement]:
    """Return `W1, b1 = params.values()`, or nothing where there are no arrays.

    What is stacked is unpacked then: `W2_1, W2_2 = W2`.
    """
    if not arrays:
        return []
    names = wrapped(name_tuple(array.name for array in arrays))
    made = [assign(names, Operation(".values()", (Name(dictionary),)))]
    for array in arrays:
        if array.parts:
            parts = wrapped(name_tuple(array.parts))
            made.append(assign(parts if array.parts[1:] else enclosed(parts), Name(array.name)))
    return made
