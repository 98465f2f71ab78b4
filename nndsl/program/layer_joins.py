"""The methods of a structure that joins what it holds: `y = x + f(x)`, branches side by side."""

from collections.abc import Collection, Mapping

from nndsl.analysis.node import Chain, Group, Node, Value
from nndsl.ir import Expression, Name, Operation, Statement, assign, parse_text, parse_value, plus
from nndsl.program.evaluation import SHORT
from nndsl.program.layer_classes import COLLECT, method, passes
from nndsl.program.layer_functions import LayerKind, read_before_bound
from nndsl.program.named_node import NamedNode
from nndsl.program.passes import inline, propagate_copies
from nndsl.program.program import Function
from nndsl.vocabulary.layer import BACKWARD, FORWARD, PREDICT

Kinds = Mapping[Node, LayerKind]
Nodes = Mapping[Node, NamedNode]


def join_methods(
    group: Group, kinds: Kinds, named: Nodes, *, trains: bool, predicts: bool
) -> tuple[Function, ...]:
    """Return the methods of a structure; it has those of `Sequential`, and holds `self.layers`.

    One chain is what `Sequential` does with all layers; of several, each is one of the layers.
    """
    return _Joining(group, kinds, named).methods(trains=trains, predicts=predicts)


class _Joining:
    def __init__(self, group: Group, kinds: Kinds, named: Nodes) -> None:
        self._group, self._kinds, self._nodes = group, kinds, named
        self._chains = [part for part in group.parts if isinstance(part, Chain)]
        joins = [part for part in group.parts if isinstance(part, Node)]
        first = group.parts[0]
        self._input = first.input if isinstance(first, Chain) else joins[0].inputs[0]
        self._output = joins[-1].output
        self._names = {self._input: "x", self._output: "y"}
        for chain in self._chains:
            self._name(chain.output, self._role_of(chain.output))
        for join in joins:
            self._name(join.output, "joined")

    def _role_of(self, value: Value) -> str:
        """Return what a join calls a value; the input of the structure is `x` already."""
        for node in value.readers:
            if node in self._kinds:
                roles = zip(self._kinds[node].inputs, node.inputs, strict=True)
                role = next(role for role, given in roles if given is value)
                return role if role != "x" else "inner"
        return "inner"

    def _name(self, value: Value, name: str) -> None:
        taken, number, first = {*self._names.values()}, 1, name
        while name in taken and value not in self._names:
            number += 1
            name = f"{first}_{number}"
        self._names.setdefault(value, name)

    def _of(self, value: Value) -> str:
        return self._names[value]

    def methods(self, *, trains: bool, predicts: bool) -> tuple[Function, ...]:
        if not trains:
            return (method(FORWARD, ("x",), self._forward(FORWARD, inference=True), {}, "y"),)
        backward = self._backward()
        forward = self._forward(FORWARD, kept=read_before_bound(backward))
        made = passes(forward, backward, ("x",), {}, returned="dx")
        if predicts:
            predicting = _short(self._forward(PREDICT, inference=True))
            made.append(method(PREDICT, ("x",), predicting, {}, "y"))
        return tuple(made)

    def _called(self, chain: Chain, name: str, argument: Expression) -> Expression:
        """Return the call of a pass of what a chain holds."""
        if len(self._chains) == 1:
            return Operation(f".{name}()", (parse_value("super()"), argument))
        layer = parse_value(f"self.layers[{self._chains.index(chain)}]")
        return Operation(f".{name}()", (layer, argument))

    def _joined(self, node: Node, statements: tuple[Statement, ...]) -> list[Statement]:
        """Return the text of a join in the names of the structure."""
        kind, named = self._kinds[node], self._nodes[node]
        roles = {option: kind.option(named, option) for option in kind.options}
        for role, value in zip(kind.inputs, node.inputs, strict=True):
            roles |= {role: self._of(value), f"d{role}": self._gradient(role, value)}
        roles |= {"y": self._of(node.output), "dy": f"d{self._of(node.output)}"}
        return [s.rename(roles) for s in statements]

    def _gradient(self, role: str, value: Value) -> str:
        """Return a name for what a join adds to the gradient of a value."""
        if value is not self._input:
            return f"d{self._of(value)}"
        return f"d{role}" if role != "x" else "dx_joined"

    def _forward(
        self, name: str, *, inference: bool = False, kept: Collection[str] = ()
    ) -> list[Statement]:
        made: list[Statement] = []
        for part in self._group.parts:
            if isinstance(part, Chain):
                call = self._called(part, name, Name(self._of(part.input)))
                made.append(assign(self._of(part.output), call))
            elif isinstance(part, Node):
                kind = self._kinds[part]
                made += self._joined(part, (inference and kind.inference) or kind.forward)
        return _short(made, kept)

    def _backward(self) -> list[Statement]:
        made: list[Statement] = []
        terms: list[Expression] = []  # of the gradient of the input
        for part in reversed(self._group.parts):
            if isinstance(part, Chain):
                call = self._called(part, BACKWARD, Name(f"d{self._of(part.output)}"))
                if part.input is self._input:
                    terms.append(call)
                else:
                    made.append(assign(f"d{self._of(part.input)}", call))
            elif isinstance(part, Node):
                made += self._joined(part, self._kinds[part].backward)
                pairs = zip(self._kinds[part].inputs, part.inputs, strict=True)
                direct = (self._gradient(r, v) for r, v in pairs if v is self._input)
                terms += map(Name, direct)
        if len(self._chains) == 1:
            return _short([*made, assign("dx", _sum(terms))])
        made += [assign("dx", terms[0])]
        made += [assign("dx", _sum([term, Name("dx")][::-1])) for term in terms[1:]]
        return [*made, *parse_text(COLLECT)]


def _sum(terms: list[Expression]) -> Expression:
    """Return a sum with its last term first: that of the way through the layers."""
    total, *others = reversed(terms)
    for term in others:
        total = plus(total, term)
    return total


def _short(statements: list[Statement], kept: Collection[str] = ()) -> list[Statement]:
    """Write steps together that a reader takes as one; `kept` are read later."""
    names = ("y", "dx", *kept)
    made, _ = propagate_copies(statements, names)
    return inline(made, SHORT, names)
