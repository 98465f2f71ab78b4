"""Long layers are functions of the script: what they say, and how they are called.

At first a call hands over all that a layer has, and takes all that it may return. Once it is known
what the callers read, `link` leaves out the rest: a gradient that nobody needs is not computed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from nndsl.ir import (
    Assign,
    Expression,
    Name,
    Operation,
    Statement,
    assign,
    name_tuple,
    names_of,
    parse_text,
    parse_value,
    wrapped,
)
from nndsl.ir.printer import enclosed, expression
from nndsl.ir.rows import margin
from nndsl.ir.symbols import number
from nndsl.ir.tree import Block, Line
from nndsl.languages import Sentence, sentence
from nndsl.program.context import Shapes
from nndsl.program.layer_functions import LayerKind, cached, read_before_bound
from nndsl.program.named_node import NamedNode
from nndsl.program.names import Names
from nndsl.program.passes import eliminate_dead_code, return_value
from nndsl.program.program import Function
from nndsl.record import record
from nndsl.vocabulary.layer import Layer

CACHE = "cache"  # what the backward pass reads of the forward pass
LONG = 7  # lines of both passes together: from here on they are functions
NOTHING = "_"
NOISE = "noise_rng"

Part = TypeVar("Part", Statement, Line)


def is_long(layer: Layer) -> bool:
    """Does a layer say so much that a function says it better than each of its places does?"""
    return _lines(layer.forward) + _lines(layer.backward) >= LONG


@lru_cache(maxsize=1024)
def _lines(text: str) -> int:
    return sum(made.text.count("\n") + 1 for made in parse_text(text))


def call(
    function: str,
    results: Sequence[str],
    arguments: Sequence[Expression],
    options: Iterable[tuple[str, Expression]] = (),
) -> Statement:
    """Return `y, cache = function(x, W, stride=2)`."""
    end = f" = {function}"
    targets = one_or_several(results, before=len(end))
    beside = len(f"{expression(targets)}{end}".rpartition("\n")[2])
    made = Operation(f"{function}()", tuple(arguments), tuple(options))
    return assign(targets, wrapped(made, beside))


def one_or_several(names: Sequence[str], before: int = 20) -> Expression:
    """Return a name, or the tuple of several."""
    return wrapped(name_tuple(names), before) if len(names) > 1 else Name(names[0])


def _zeros(named: NamedNode) -> Expression:
    """Return a state that knows of no examples before."""
    lengths = map(number, named.node.layer.state_shape(*named.node.shapes))
    shape = Operation("tuple", (Name("N"), *lengths), enclosed=True)
    return Operation("np.zeros()", (shape, parse_value(named.names["dtype"])))


class LayerCalls:
    """The functions of the layers of one kind, and the calls of them."""

    def __init__(self, kind: LayerKind, names: Names) -> None:
        self.kind = kind
        self.forward_name = names.fresh(kind.name)
        self._carries = kind.layer.carries  # in prediction it is called with states of zeros
        has_own = bool(kind.inference) and not self._carries
        self.inference_name = names.fresh(f"{kind.name}_predict") if has_own else ""
        self.backward_name = names.fresh(f"{kind.name}_backward")
        self._forward = [*kind.forward, *kind.running]
        self._inference = [*kind.inference] if has_own else []
        self._backward = [*kind.backward]
        counts = [role for role in kind.options if role == "N"]
        self._options = [role for role in kind.options if role != "N"]
        self._arrays = [*kind.inputs, *kind.parameters, *kind.states, *counts]

    @property
    def predicts_inline(self) -> bool:
        """Is its form in prediction short enough to stand where a layer stands?"""
        return len(self._inference) == 1 and self._inference[0].target == "y"

    # --- Calls ----------------------------------------------------------------------------

    def forward(self, named: NamedNode, *, evaluate: bool) -> Statement:
        """Return the call of the forward pass. In prediction nobody reads its cache."""
        kind, names = self.kind, named.names
        arrays: list[Expression] = [Name(names[role]) for role in self._arrays]
        if evaluate and self._carries:
            arrays = [_zeros(named) if r in kind.states else Name(names[r]) for r in self._arrays]
        options = [(role, parse_value(names[role])) for role in self._options]
        if evaluate and self.inference_name:
            return call(self.inference_name, [names["y"]], arrays, options)
        made = call(
            self.forward_name, [names["y"], NOTHING if evaluate else names[CACHE]], arrays, options
        )
        if evaluate and self._carries:
            return made
        changed = {named.states.get(role, role) for s in self._forward for role in s.mutates}
        outer = frozenset(changed & {*named.states.values(), NOISE})
        return replace(
            made, writes=(*made.writes, *sorted(outer)), mutates=outer, reads=made.reads | outer
        )

    def backward(self, named: NamedNode) -> Statement:
        """Return the call of the backward pass."""
        names = named.names
        results = [names.get(name, f"d{names[name[1:]]}") for name in self.kind.gradients]
        return call(self.backward_name, results, [Name(names["dy"]), Name(names[CACHE])])

    # --- Functions ------------------------------------------------------------------------

    def annotate(self, shapes: Callable[[NamedNode], Shapes]) -> None:
        """Say the shapes of what the functions make, where all layers of the kind agree.

        `shapes` returns, for one of the layers, the shapes that its roles have.
        """
        texts = self._forward, self._inference, self._backward
        found: list[list[list[Statement]]] = [[], [], []]
        for named in self.kind.nodes:
            known = shapes(named)
            for text, each, there in zip(texts, found, (known, shapes(named), known), strict=True):
                each.append(there.annotate(text))
        for text, each in zip(texts, found, strict=True):
            text[:] = map(_agreed, zip(*each, strict=True))

    def linked(self, read: Mapping[str, set[int]]) -> Iterator[Linked]:
        """Yield the functions that are called; `read` are the results of each that are read."""
        kind = self.kind
        needed = sorted(read[self.backward_name])
        gradients = [kind.gradients[at] for at in needed]
        backward = eliminate_dead_code(self._backward, gradients)
        cache = cached([*self._arrays, *self._options], self._forward, backward)
        cache = cache if gradients else ()
        if read[self.forward_name]:
            forward = eliminate_dead_code(self._forward, {"y", *cache, *kind.states})
            results: list[Expression] = [Name("y")]
            if cache:
                results.append(enclosed(one_or_several(cache)))
            says = _summary(kind.layer)
            roles = {*read_before_bound(forward), *cache}
            yield self._linked(self.forward_name, says, forward, roles, results)
        if self.inference_name and read[self.inference_name]:
            inference = eliminate_dead_code(self._inference, {"y"})
            says = sentence(
                "Return what `{function}` returns in prediction.", function=self.forward_name
            )
            roles = read_before_bound(inference)
            linked = self._linked(self.inference_name, says, inference, roles, [Name("y")])
            yield replace(linked, function=return_value(linked.function))
        if gradients:
            says = sentence(
                "Return the gradients of the arguments of `{function}`, given that of y.",
                function=self.forward_name,
            )
            unpacked = [assign(wrapped(name_tuple(cache)), Name(CACHE))] * (len(cache) > 1)
            body = (*unpacked, *backward)
            arguments = ("dy", CACHE) if len(cache) > 1 else ("dy", *cache)
            result = Function(self.backward_name, arguments, says, body, one_or_several(gradients))
            yield Linked(result, range(len(arguments)), needed)

    def _linked(
        self,
        name: str,
        says: str,
        body: Sequence[Statement],
        needed: Collection[str],
        results: Sequence[Expression],
    ) -> Linked:
        places = [at for at, role in enumerate(self._arrays) if role in needed]
        options = tuple(role for role in self._options if role in needed)
        arguments = (*(self._arrays[at] for at in places), *options)
        result = Operation("tuple", tuple(results)) if len(results) > 1 else results[0]
        function = Function(name, arguments, says, tuple(body), result)
        return Linked(function, places, range(len(results)), options)


@record
class Linked:
    """A function, and which of the arguments and results that a call has it takes and returns."""

    function: Function
    arguments: Sequence[int]
    results: Sequence[int]
    options: tuple[str, ...] = ()

    def call(self, made: Statement, live: Collection[str]) -> Statement:
        """Return a call of the function, with `_` for what is not among the names that are read."""
        targets, given = _parts(made)
        names = [targets[at] if targets[at] in live else NOTHING for at in self.results]
        arguments = [given.operands[at] for at in self.arguments]
        options = [(role, value) for role, value in given.options if role in self.options]
        again = call(self.function.name, names, arguments, options)
        changed = made.mutates
        return replace(
            made,
            node=again.node,
            reads=again.reads | changed,
            writes=(*again.writes, *sorted(changed)),
        )


def link(
    calls: Iterable[LayerCalls], callers: Sequence[Function]
) -> tuple[list[Function], list[Function]]:
    """Return the functions that some callers call, and these with calls of just what there is."""
    calls = list(calls)
    known = {
        name
        for made in calls
        for name in (made.forward_name, made.inference_name, made.backward_name)
    }
    read: dict[str, set[int]] = defaultdict(set)
    found: list[list[tuple[Statement, str, set[str]]]] = []
    for caller in callers:
        live = set(names_of(caller.returns)) if caller.returns is not None else set()
        live |= {*caller.keeps}
        steps = []
        for made in reversed(caller.statements):
            called, wanted = _called(made, known), set[str]()
            if called:
                targets, _ = _parts(made)
                wanted = live.intersection(targets)
                read[called] |= {at for at, name in enumerate(targets) if name in live}
            steps.append((made, called, wanted))
            live |= made.reads
        found.append(steps[::-1])
    linked = {one.function.name: one for made in calls for one in made.linked(read)}
    again = [
        replace(
            caller,
            statements=tuple(
                linked[called].call(made, live) if called else made for made, called, live in steps
            ),
        )
        for caller, steps in zip(callers, found, strict=True)
    ]
    return [one.function for one in linked.values()], again


def _agreed(each: Sequence[Part]) -> Part:
    """Return a statement, or a line of one, with the shapes that several of its kind agree in."""
    first = each[0]
    says = {one.shape and ", ".join(map(margin, one.shape)) for one in each}
    blocks = [one.node for one in each if isinstance(one.node, Block)]
    if not blocks:
        return replace(first, shape=first.shape if len(says) == 1 else None)
    body = tuple(map(_agreed, zip(*(block.body for block in blocks), strict=True)))
    return replace(first, node=replace(blocks[0], body=body))


def _called(made: Statement, known: Collection[str]) -> str:
    """Return which of some functions a statement calls, or nothing."""
    match made.node:
        case Assign((_,), Operation(op)) if op.removesuffix("()") in known:
            return op.removesuffix("()")
    return ""


def _parts(made: Statement) -> tuple[list[str], Operation]:
    """Return the targets of a call, and the call."""
    match made.node:
        case Assign((target,), Operation() as given):
            return list(names_of(target)), given
    raise TypeError("no call")


def _summary(layer: Layer) -> str:
    """Return the first sentence of what a layer says of itself."""
    public = next(c for c in type(layer).__mro__ if c.__name__[0] != "_")
    says = public.__doc__ or public.__name__
    if isinstance(says, Sentence):  # of a word of the page: it is one
        return says if says.endswith(".") else sentence("{formula}.", formula=says)
    return " ".join(says.split()).partition(". ")[0].rstrip(".") + "."
