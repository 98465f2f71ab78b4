"""The passes of a network: the texts of its layers in their names, in order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from nndsl.ir import Name, Operation, Statement, assign, parse_text
from nndsl.program.layers import Layers
from nndsl.program.named_node import NamedNode
from nndsl.program.passes import accumulate


class NetworkPasses:
    """Writes the forward and the backward pass of a network whose layers have names."""

    def __init__(self, layers: Layers) -> None:
        self._layers, self._entrances = layers, layers.entered.values()
        self._given: set[str] = set()  # gradients that have a first contribution
        self._called = {f"{calls.backward_name}()" for calls in layers.calls.values()}

    def is_call(self, made: Statement) -> bool:
        """Does a statement call the backward pass of a layer? `link` looks for it by itself."""
        return isinstance(made.value, Operation) and made.value.op in self._called

    def forward(self, *, evaluate: bool = False) -> list[Statement]:
        """Return the statements from the input to the output."""
        made: list[Statement] = []
        entered = {entrance.node: entrance for entrance in self._entrances}
        for named in self._layers.nodes:
            layer = named.node.layer
            if (entrance := entered.get(named.node)) is not None:
                made.append(assign(entrance.inside, Name(entrance.outside)))
            text = self._layers.text(layer, "inference_forward") if evaluate else ()
            calls = self._layers.calls.get(named.node)
            if calls is None or (text and calls.predicts_inline):
                made += _written(text or self._layers.text(layer, "forward"), named)
            else:
                called = calls.forward(named, evaluate=evaluate)
                shape = self._layers.dimensions(named.node.output.shape)
                made.append(replace(called, origin=named.node.origin, shape=shape))
        return made

    def update_running_stats(self) -> list[Statement]:
        """Return the statements that update running statistics."""
        return [
            s
            for named in self._layers.nodes
            if named.node not in self._layers.calls
            for s in _written(parse_text(named.node.layer.update_running_stats), named)
        ]

    def backward(self, begun: Mapping[str, Sequence[Statement]]) -> list[Statement]:
        """Return the statements from the gradient of the output to those of all inputs.

        `begun` are those of gradients of parameters which come from elsewhere: a penalty's.
        """
        made: list[Statement] = []
        entered = {entrance.node: entrance for entrance in self._entrances}
        for named in reversed(self._layers.nodes):
            inputs = [named.names[role] for role in named.node.layer.inputs]
            shared = _parts(*inputs, *named.parameters.values(), *named.tied_parameters.values())
            for name in named.parameters.values():
                own = [replace(s, origin=named.node.origin) for s in begun.get(name, ())]
                made += self.contribute(own, _parts(name))
            calls = self._layers.calls.get(named.node)
            if calls is None:
                text = _written(self._layers.text(named.node.layer, "backward"), named)
            else:
                text = [replace(calls.backward(named), origin=named.node.origin)]
            made += self.contribute(text, shared)
            for part, gradient in named.again.items():
                copy = assign(gradient, Name(part), like=text[-1])
                made += self.contribute([copy.with_comment("")], shared)
            if (entrance := entered.get(named.node)) is not None:
                copy = assign(f"d{entrance.outside}", Name(f"d{entrance.inside}"))
                made += self.contribute([copy], _parts(entrance.outside))
        return made

    @property
    def between_copies(self) -> set[str]:
        """The values that copies of layers in a stack read and output."""
        found = {entrance.outside for entrance in self._entrances}
        outputs = (value for entrance in self._entrances for value in entrance.copies.outputs)
        return found | {self._layers.values[value] for value in outputs}

    def in_copies(self, statements: Iterable[Statement]) -> set[str]:
        """Return what statements of copies in a stack write."""
        marks = {mark for repetition in self._layers.graph.repetitions for mark in repetition.marks}
        return {
            name
            for made in statements
            if made.origin is not None and not marks.isdisjoint(made.origin.copies)
            for name in made.writes
        }

    @property
    def kept(self) -> set[str]:
        """Gradients that are made although nobody may need them: copies of layers are alike."""
        entrances = () if self._layers.optimized else self._entrances
        return {f"d{entrance.inside}" for entrance in entrances}

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
            self._layers.shapes.copy(name, part)
            last = [s for s in made if part in s.writes][-1]
            plain = assign(name, Name(part), like=last.with_comment(""))
            made.append(accumulate(plain))
        self._given.update(name for name in writes if name in shared)
        return made


def _parts(*names: str) -> dict[str, str]:
    return {f"d{name}": f"d{name}_part" for name in names}


def _written(text: Iterable[Statement], named: NamedNode) -> list[Statement]:
    """Return a text with the names of a node, and what comes with its place."""
    return [replace(made.rename(named.names), origin=named.node.origin) for made in text]
