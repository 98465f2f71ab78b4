"""The names of everything in a network: of its values, its arrays, and what its layers say."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from nndsl.analysis.graph import Graph
from nndsl.analysis.node import Node, Value
from nndsl.analysis.repetition import Repetition
from nndsl.ir import Statement, assign, parse_text, reads
from nndsl.ir.rows import Dimensions, Rows, node_of
from nndsl.ir.symbols import as_int, symbol
from nndsl.languages import translated
from nndsl.program.constants import literal
from nndsl.program.context import Context, Shapes
from nndsl.program.initializers import Initializers
from nndsl.program.layer_calls import CACHE, LayerCalls, is_long, link
from nndsl.program.layer_functions import layer_kinds
from nndsl.program.local_names import DIGITS
from nndsl.program.named_node import NamedNode, Place
from nndsl.program.names import CopyNames, Names
from nndsl.program.naming import SCORES, VALUES
from nndsl.program.network_arrays import parameter_arrays, state_arrays, state_shape, unpacked
from nndsl.program.program import Function
from nndsl.shapes import SequenceShape, Shape, Tokens
from nndsl.vocabulary.layer import Layer

ROWS = "a row for each position of each example"
COMMON = {"rng": "noise_rng", "N": "N", "np": "np", "math": "math", "_": "_"}


@dataclass(frozen=True, slots=True)
class Entrance:
    """What the first copy of a stack reads: its name there, and outside."""

    copies: Repetition
    node: Node  # the first layer
    inside: str
    outside: str


class Layers:
    """Names everything in a graph."""

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
        self.optimized, self._written_out = optimized, written_out
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
        self._rows: dict[int, str] = {}  # number of positions -> the name for the rows
        self.calls: dict[Node, LayerCalls] = {}  # of layers that are functions
        for name, value in zip(self.inputs, graph.inputs.values(), strict=True):
            self.shapes.declare(name, (Rows(), *value.shape))
            self.shapes.copy(name, f"d{name}")
        places = {
            node: Place(repetition, copy, at)
            for repetition in graph.repetitions
            for copy, nodes in enumerate(repetition.copies)
            for at, node in enumerate(nodes)
        }
        first = [node for node in graph.nodes if node not in places or not places[node].copy]
        self._roles = Counter(role for node in first for role in node.parameters)
        has_states = any(node.layer.state for node in graph.nodes)
        stand_there = ["state"] * has_states + ["memory"] * optimized
        page = {node.output.name for node in graph.nodes}
        context.names.release(page.difference(stand_there))
        # What the names of the first copy of a stack are, and how many layers stand before it.
        self._copies: dict[Repetition, tuple[CopyNames, int]] = {}
        self.entered: dict[Repetition, Entrance] = {}
        for node in graph.nodes:
            self._enter(places.get(node))
            if node.layer.passes_on:
                self.values[node.output] = self.values[node.inputs[0]]
            else:
                self._name(node, places.get(node))
        self._names = self._all_names
        long = [named for named in self.nodes if self._is_function(named.node.layer)]
        for kind in layer_kinds(long):
            calls = LayerCalls(kind, self._all_names)
            self.calls |= dict.fromkeys((named.node for named in kind.nodes), calls)
        drawn = Initializers(self._dtype, self._all_names)
        self.parameters = tuple(parameter_arrays(self.nodes, drawn, self.shapes))
        self.states = tuple(state_arrays(self.nodes, self._batch, self._dtype, self.shapes))
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

    def _enter(self, place: Place | None) -> None:
        """Let names be those of the copy of a stack in which a layer stands, if it does."""
        if place is None:
            self._names = self._all_names
            return
        if place.at:
            return
        first, self._weights = self._copies.get(place.repetition, (None, self._weights))
        self._names = CopyNames(self._all_names, place.repetition.suffix(place.copy), first)
        self._copies.setdefault(place.repetition, (self._names, self._weights))

    def _input(self, node: Node, value: Value, place: Place | None) -> str:
        """Return the name of what a layer reads: in the first copy of a stack one of its own."""
        name = self.values[value]
        if place is None or place.copy or name != self.values[place.repetition.input]:
            return name
        if place.repetition not in self.entered:
            inside = self._all_names.differentiable(f"{name}_in")
            for prefix in ("", "d"):
                self.shapes.copy(f"{prefix}{name}", f"{prefix}{inside}")
            self.entered[place.repetition] = Entrance(place.repetition, node, inside, name)
        return self.entered[place.repetition].inside

    def _name(self, node: Node, place: Place | None) -> None:
        layer = node.layer
        if node.has_weights:
            self._weights += 1
        number = self._weights  # of the last layer with weights: what follows it has its number
        output = self._output_name(node, str(number))
        self.values[node.output] = output
        self.shapes.declare(output, self.dimensions(node.output.shape))
        inputs = [self._input(node, value, place) for value in node.inputs]
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
            self.shapes.declare(state, state_shape(node, self._batch))
        texts = [*self.text(layer, "forward"), *self.text(layer, "inference_forward")]
        learns = [*parse_text(layer.update_running_stats), *self.text(layer, "backward")]
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
        self.nodes.append(NamedNode(node, roles, own, tied_parameters, states, again, place))

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

    def text(self, layer: Layer, name: str) -> tuple[Statement, ...]:
        """Return `forward`, `backward` or `inference_forward`, as an optimized program has it."""
        faster = self.optimized and getattr(layer, f"optimized_{name}")
        return parse_text(faster or getattr(layer, name))

    def _is_function(self, layer: Layer) -> bool:
        return not self._written_out and is_long(layer)

    def functions(self, callers: Sequence[Function]) -> tuple[list[Function], list[Function]]:
        """Return the functions of layers that are called, and the callers, with what they read."""
        calls = list(dict.fromkeys(self.calls.values()))
        for made in calls:
            made.annotate(self._shapes_of)
        return link(calls, callers)

    def _shapes_of(self, named: NamedNode) -> Shapes:
        """Return the shapes of a layer's roles."""
        shapes, node = Shapes(self._constants), named.node
        for role, value in zip(node.layer.inputs, node.inputs, strict=True):
            shapes.declare(role, self.dimensions(value.shape))
        shapes.declare("y", self.dimensions(node.output.shape))
        for role, parameter in node.arrays.items():
            shapes.declare(role, parameter.shape)
        for role in node.layer.state:
            shapes.declare(role, state_shape(node, self._batch))
        for role in (*node.layer.inputs, *node.parameters, "y"):
            shapes.copy(role, f"d{role}")
        return shapes

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

    @property
    def carried(self) -> tuple[str, ...]:
        """The names of the states that go on from batch to batch."""
        own = {n for one in self.nodes if one.node.layer.carries for n in one.states.values()}
        return tuple(state.name for state in self.states if own.intersection(state.arrays))

    def begin(self) -> list[Statement]:
        """Return the statements that name parameters and states, and count examples and rows."""
        arrays = unpacked("params", self.parameters) + unpacked("state", self.states)
        return [*arrays, *self.counts()]

    def counts(self) -> list[Statement]:
        """Return the statements that count examples and rows."""
        counted = [
            assign(name, node_of(Rows(positions))).with_comment(ROWS)
            for positions, name in self._rows.items()
        ]
        return [*parse_text(f"N = len({self.inputs[0]})"), *counted]

    @cached_property
    def _carried(self) -> dict[str, str]:
        """What goes into a stack and comes out of it, by its name in copies that are no loop."""
        found: dict[str, str] = {}
        for entrance in self.entered.values():
            copies = entrance.copies
            first, last = (self.values[copies.outputs[at]] for at in (0, -1))
            carried = first.removesuffix(copies.suffix(0))
            found.setdefault(entrance.inside, carried)
            found.setdefault(last, carried)
        return found

    def equation(self, named: NamedNode) -> str:
        """Return the node's equation with the names of the script, those of constants too.

        They are as where the copies of a stack are a loop.
        """
        fields = type(named.node.layer).model_fields
        names = {
            role: self._carried.get(name) or name.removesuffix(named.suffix)
            for role, name in named.names.items()
            if role not in fields or name.isupper()
        }
        return fill(translated(named.node.layer.equation), names)


def fill(equation: str, names: Mapping[str, str]) -> str:
    """Replace the names of an equation that have one in the script: not `[t-1]`, `^T`, `f(`."""
    return re.sub(r"\[t-1\]|\^T|\w+\(?", lambda word: names.get(word[0], word[0]), equation)
