"""Layers that share their texts: what one function, or one class, says for all of them.

    for kind in layer_kinds(layers.nodes):
        kind.name          # layer_norm, conv2d, lstm_all: an identifier, the keyword of the layer
        kind.nodes         # its layers, in the order of the forward pass
        kind.forward       # statements from `x` (or `inputs`) to `y`, in the vocabulary's words
        kind.backward      # statements from `dy` to `dx`, and `dW` for each parameter `W`
        kind.inference     # forward in prediction, if that differs; else none
        kind.running       # statements that update states, after those of `forward`

Numbers and constants that all layers of a kind share stand in the statements; those in which they
differ are `options`: arguments, with `kind.option(named, role)` for one of the layers. All names of
the vocabulary's texts stay as they are: `x`, `W`, `mean`, `dy`. `N`, where a text reads it, is the
length of `x` or of `dy`; where these have a row for each position, it is an option.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from nndsl.ir import Statement, names_of, parse_text, parse_value, reads
from nndsl.ir.statement import statement
from nndsl.ir.tree import Block
from nndsl.program.named_node import NamedNode
from nndsl.shapes import SequenceShape
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.layer import Layer


class LayerKind:
    """Layers whose texts are equal: they differ in numbers at most."""

    def __init__(self, name: str, nodes: Sequence[NamedNode]) -> None:
        self.name, self.nodes = name, tuple(nodes)
        first = self.nodes[0]
        self.layer: Layer = first.node.layer
        self.inputs = self.layer.inputs
        self.parameters = (*first.parameters, *first.tied_parameters)
        self.states = tuple(self.layer.state)
        arrays = {*self.inputs, *self.parameters, *self.states, "y", "dy"}
        texts = _texts(self.layer)
        written = {name for text in texts for s in text for name in {*s.writes} - s.mutates}
        read = dict.fromkeys(name for text in texts for s in text for name in s.names)
        given = {
            role: code
            for role in read
            if role not in written | arrays | {"np", "math", "_"}
            and (code := first.names.get(role)) is not None
        }
        own = written | arrays | {role for role, code in given.items() if role != code}
        same = {
            role: code
            for role, code in given.items()
            if role != "N"
            and all(named.names.get(role) == code for named in self.nodes)
            and own.isdisjoint(names_of(parse_value(code)))  # else it would be the layer's own
        }
        count = set() if _lays_out_positions(first) else {"N"}
        self.options = tuple(role for role in given if role not in {*same, *count})
        forward, inference, running, backward = (
            tuple(s.rename(same) for s in text) for text in texts
        )
        self.forward = _counting(forward, running, role=self.inputs[0], counts=bool(count))
        self.inference = _counting(inference, role=self.inputs[0], counts=bool(count))
        self.running = running
        is_row = not isinstance(first.node.output.shape, SequenceShape) or first.node.works_on_rows
        self.backward = _counting(backward, role="dy", counts=is_row)

    def option(self, named: NamedNode, role: str) -> str:
        """Return the code of an option: a number, a constant, or the layer's `N`."""
        return named.names[role]

    @cached_property
    def gradients(self) -> tuple[str, ...]:
        """What the backward pass makes: of the inputs first, then of the parameters."""
        made = {name for statement in self.backward for name in statement.writes}
        named = (f"d{role}" for role in (*self.inputs, *self.parameters))
        return tuple(name for name in named if name in made)


def cached(
    arguments: Iterable[str], forward: Iterable[Statement], backward: Iterable[Statement]
) -> tuple[str, ...]:
    """Return what statements read of those before them, or of their arguments."""
    known = dict.fromkeys((*arguments, *(name for s in forward for name in s.writes)))
    needed = read_before_bound(backward)
    return tuple(name for name in known if name in needed)


def read_before_bound(statements: Iterable[Statement]) -> set[str]:
    """Return the names that statements read as they find them."""
    found: set[str] = set()
    bound: set[str] = set()
    for made in statements:
        match made.node:
            case Block("for" | "with" | "if" | "while", value, binds, body, None):
                inner = [statement(line.node) for line in body]
                own = set(names_of(binds)) if binds is not None else set()
                read = read_before_bound(inner) - own
                read |= set(names_of(value)) if value is not None else set()
            case _:
                read = set(made.reads)
        found |= read - bound
        bound |= set(made.writes) - made.mutates
    return found


def _lays_out_positions(named: NamedNode) -> bool:
    """Has its input a row for each position, and the layer looks at whole examples?"""
    node = named.node
    return node.layer.sees_positions and isinstance(node.inputs[0].shape, SequenceShape)


def _counting(
    text: Sequence[Statement], *others: Iterable[Statement], role: str, counts: bool
) -> tuple[Statement, ...]:
    """Let statements begin with the number of examples, where they need it and an array has it."""
    needed = "N" in read_before_bound([*text, *(s for other in others for s in other)])
    return (*parse_text(f"N = len({role})"), *text) if counts and needed else tuple(text)


def layer_kinds(nodes: Iterable[NamedNode]) -> list[LayerKind]:
    """Group layers by equal texts, in the order in which they are met."""
    groups: dict[object, list[NamedNode]] = {}
    for named in nodes:
        arrays = (*named.parameters, *named.tied_parameters)
        groups.setdefault((_key(named), arrays), []).append(named)
    made: list[LayerKind] = []
    taken: dict[str, list[NamedNode]] = {}
    for group in groups.values():
        keyword = group[0].node.layer.keyword()
        before = [kind for kind in made if kind.layer.keyword() == keyword]
        name = next(n for n in _possible_names(group, before) if n not in taken)
        taken[name] = group
        made.append(LayerKind(name, group))
    return made


def _texts(layer: Layer) -> tuple[tuple[Statement, ...], ...]:
    texts = layer.forward, layer.inference_forward, layer.update_running_stats, layer.backward
    return tuple(map(parse_text, texts))


def _key(named: NamedNode) -> object:
    layer = named.node.layer
    texts = layer.forward, layer.inference_forward, layer.update_running_stats, layer.backward
    counts = "N" in reads([s for text in _texts(layer) for s in text]) and (
        _lays_out_positions(named),
        isinstance(named.node.output.shape, SequenceShape),
    )
    return layer.keyword(), texts, counts


def _possible_names(group: Sequence[NamedNode], before: Sequence[LayerKind]) -> Iterator[str]:
    """Yield the keyword for the first of its kind; then it with what tells this one from others."""
    layer = group[0].node.layer
    keyword = layer.keyword()
    yield keyword
    if before:
        given = before[0].layer.given_inputs
        yield from (f"{keyword}_with_{role}" for role in layer.given_inputs if role not in given)
        yield from (f"{keyword}_without_{role}" for role in given if role not in layer.given_inputs)
        yield from _told_apart(keyword, layer, before[0].layer)
        rank = len(group[0].node.shapes[0])
        yield f"{keyword}_of_{('numbers', 'rows', 'signals', 'images')[rank]}" * (rank < 4)
    number = 2
    while True:
        yield f"{keyword}_{number}"
        number += 1


def _told_apart(keyword: str, layer: Builtin, other: Builtin) -> Iterator[str]:
    """Yield names that say in which argument a layer differs from another of its keyword."""
    for field in type(layer).model_fields:
        match getattr(layer, field), getattr(other, field, None):
            case value, known if value == known:
                continue
            case str(value), _ if value.isidentifier():
                yield f"{keyword}_{value}"
            case ((None | False | 0), _):
                yield f"{keyword}_without_{field}"
            case _, (None | False | 0):
                yield f"{keyword}_with_{field}"
