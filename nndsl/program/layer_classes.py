"""The classes of a script in the style `layers`: for each kind of layer, and for the loss.

Each has `forward` and `backward` side by side, in the words of the vocabulary. What the backward
pass reads of the forward pass stays on the object; `gradients` are those of its parameters.
"""

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from nndsl.ir import (
    NO_HEADING,
    Expression,
    KeywordStatement,
    Name,
    Operation,
    Statement,
    assign,
    name_tuple,
    parse_text,
    reads,
    statement,
)
from nndsl.ir.tree import Assign
from nndsl.languages import sentence
from nndsl.program import parts
from nndsl.program.layer_functions import LayerKind, read_before_bound
from nndsl.program.layers import COMMON
from nndsl.program.named_node import NamedNode
from nndsl.program.passes import eliminate_dead_code, propagate_copies
from nndsl.program.program import Class, Function
from nndsl.vocabulary.builtin import Builtin, camel_case
from nndsl.vocabulary.layer import BACKWARD, FORWARD, PREDICT
from nndsl.vocabulary.loss import Loss

BASE = "Layer"
POSITIONS = "positions"  # the option of a layer that counts examples among rows
COLLECT = "self.gradients = [g for layer in self.layers for g in layer.gradients]"
MAX_ATTRIBUTES = 2  # that the backward pass reads one by one; more are a tuple


def base_class(*, trains: bool, predicts: bool, several: bool = False) -> Class:
    """Return the class of all layers. `predicts`: some predict otherwise than they train.

    `several`: some take several values.
    """
    says = "A function with its derivative: from the gradient of its output to that of its input."
    if not trains:
        says = "A function of the network."
    gradients = parse_text("gradients = ()   # those of its parameters, once backward ran")
    x = "*x" if several else "x"
    as_trained = Function(PREDICT, ("self", x), "", parse_text(f"return self.forward({x})"))
    return Class(BASE, "", says, (as_trained,) * predicts, gradients * trains)


def layer_class(kind: LayerKind, name: str, *, trains: bool, predicts: bool) -> Class:
    """Return the class of a kind of layer.

    Where nothing `trains`, it has no backward pass; where it `predicts` otherwise, a method more.
    """
    inputs = kind.inputs
    forward, inference = kind.forward, kind.inference
    attributes = {name: f"self.{name}" for names in _held(kind) for name in names}
    if "N" in kind.options:
        forward = (*_count(kind), *forward)
        inference = (*_count(kind), *inference) if "N" in reads(inference) else inference
    if not trains:
        made = [method(FORWARD, inputs, _needed(inference or forward), attributes, "y")]
    else:
        made = _passes(kind, (*forward, *kind.running), attributes)
        if inference and predicts:
            made.append(method(PREDICT, inputs, inference, attributes, "y"))
    methods = (*_initializer(kind), *made)
    return Class(name, BASE, _says(kind.layer, name), methods, origin=kind.nodes[0].node.origin)


def _needed(text: Sequence[Statement]) -> list[Statement]:
    return eliminate_dead_code(text, {"y"})


def _count(kind: LayerKind) -> tuple[Statement, ...]:
    """Return the statement that counts the examples among the rows of all their positions."""
    counts = {_positions(named) for named in kind.nodes}
    each = POSITIONS if len(counts) > 1 else counts.pop()
    return parse_text(f"N = len({kind.inputs[0]}) // {each}")


def _positions(named: NamedNode) -> str:
    return str(named.node.inputs[0].shape[0])


def options_of(kind: LayerKind) -> tuple[str, ...]:
    """Return the numbers that an object of a kind is made with, by name."""
    counts = {_positions(named) for named in kind.nodes} if "N" in kind.options else set()
    options = dict.fromkeys(option for option in kind.options if option != "N")
    return (*options, *[POSITIONS] * (len(counts) > 1 and POSITIONS not in options))


def option_of(named: NamedNode, option: str) -> str:
    """Return the number that a layer is made with: its positions, where no text says them."""
    return named.names.get(option) or _positions(named)


def _held(kind: LayerKind) -> tuple[tuple[str, ...], ...]:
    """Return what an object of a kind is made with: parameters, states, numbers."""
    return tuple(names for names in (kind.parameters, kind.states, options_of(kind)) if names)


def _initializer(kind: LayerKind) -> Iterator[Function]:
    held = _held(kind)
    body = [
        assign(_one_or_several([_own(name) for name in names]), _one_or_several(map(Name, names)))
        for names in held
    ]
    if held:
        yield Function("__init__", ("self", *(n for names in held for n in names)), "", tuple(body))


def _own(name: str) -> Expression:
    """Return an attribute of the object."""
    return Operation(f".{name}", (Name("self"),))


def _one_or_several(items: Iterable[Expression]) -> Expression:
    first, *others = items
    return Operation("tuple", (first, *others)) if others else first


def _passes(
    kind: LayerKind, forward: Sequence[Statement], attributes: Mapping[str, str]
) -> list[Function]:
    """Return the methods of both passes of a layer."""
    own = [f"d{role}" for role in kind.parameters if f"d{role}" in kind.gradients]
    if not kind.backward:  # nothing learns by it
        return [method(FORWARD, kind.inputs, _needed(forward), attributes, "y")]
    slopes = [slope for x in kind.inputs if (slope := f"d{x}") in kind.gradients]
    returned = slopes[0] if slopes else ""
    backward = eliminate_dead_code(kind.backward, {*slopes, *own})
    if slopes[1:]:
        returned = "slopes"
        backward.append(assign(returned, name_tuple(slopes)))
    if own:
        kept = assign(_own("gradients"), Operation("list", tuple(map(Name, own))))
        at = len(backward) - (backward[-1].target == returned)
        backward.insert(at, kept)
    return passes(forward, backward, kind.inputs, attributes, states=kind.states, returned=returned)


def passes(
    forward: Sequence[Statement],
    backward: Sequence[Statement],
    arguments: tuple[str, ...],
    attributes: Mapping[str, str],
    *,
    makes: str = "y",
    given: tuple[str, ...] = ("dy",),
    states: Iterable[str] = (),
    returned: str,
    part: str = parts.FORWARD,
) -> list[Function]:
    """Return `forward`, which keeps what `backward` reads of it, and `backward`.

    A few values are kept as attributes of their own; more are one tuple, `self.cache`. `part` is
    that of `forward`.
    """
    made = dict.fromkeys((*arguments, *(name for s in forward for name in s.writes)))
    needed = read_before_bound(backward)
    cache = [name for name in made if name in needed and name not in {*attributes, *given, "self"}]
    body = eliminate_dead_code(forward, {makes, "self", *cache, *states})
    held = dict(attributes)
    if len(cache) > MAX_ATTRIBUTES:
        place, names = _own("cache"), name_tuple(cache)
        at = len(body) - (body[-1].target == makes and makes not in cache)
        body.insert(at, assign(place, names))  # ahead of what is returned
        backward = [assign(names, place), *backward]
    else:
        kept = [(_own(name), Name(name)) for name in cache]
        body = [*(assign(place, name) for place, name in kept if name.id in arguments), *body]
        held |= {name: f"self.{name}" for name in cache}
    return [
        method(FORWARD, arguments, body, held, makes, part),
        method(BACKWARD, given, backward, held, returned, parts.BACKWARD),
    ]


def method(
    name: str,
    arguments: Sequence[str],
    body: Iterable[Statement],
    held: Mapping[str, str],
    returned: str,
    part: str = parts.FORWARD,
) -> Function:
    """Return a method; `held` are the attributes that stand for some of its names.

    Its arguments stay as they are: they are read as they come, and kept.
    """
    local = {role: code for role, code in held.items() if role not in arguments}
    local["rng"] = COMMON["rng"]
    statements, renamed = propagate_copies([*body], {"y", returned, *held})
    made = [
        replace(s.rename(local), comment=s.comment, origin=None, section=NO_HEADING)
        for s in statements
    ]
    result = renamed.get(returned, returned)
    whole = Function(name, ("self", *arguments), "", tuple(made), part=part, result=returned)
    if not result:
        return whole
    match statements[-1].node if statements else None:
        case Assign((Name(target),), _) if target == result and result not in local:
            last = made[-1].node
            assert isinstance(last, Assign)
            made[-1] = made[-1].with_node(KeywordStatement("return", last.value))
        case _:
            code = _own(result) if result in local else Name(result)
            made.append(statement(KeywordStatement("return", code)))
    return replace(whole, statements=tuple(made))


def _says(builtin: Builtin, name: str) -> str:
    """Return the first line of what a word says of itself, or the equation of a variant."""
    equation = _equation(builtin)
    is_plain = name in (camel_case(builtin.keyword()), *builtin.class_names.values())
    says = type(builtin).__doc__ or ""
    fields = type(builtin).model_fields.items()
    usual = {name: field.get_default() for name, field in fields if not field.is_required()}
    usual_equation = _equation(builtin.model_copy(update=usual))
    says_another = says.startswith(usual_equation) and equation != usual_equation
    if equation and (not is_plain or says_another):
        return sentence("{formula}.", formula=equation)
    return inspect.cleandoc(says).split("\n")[0] if "\n" in says else says


def _equation(builtin: Builtin) -> str:
    return getattr(builtin, "equation", "").split("    ")[0]


def loss_class(
    loss: Loss, roles: Mapping[str, str], name: str, *, is_weighted: bool = False
) -> Class:
    """Return the class of the loss; `roles` are the constants for its fields.

    The backward pass of one that is weighted takes the gradient of what it is added to.
    """
    fields = {role: code for role, code in roles.items() if role in type(loss).model_fields}
    names = {**fields, "dtype": roles["dtype"]}
    forward = [s.rename(names) for s in parse_text(loss.forward)]
    backward = eliminate_dead_code([s.rename(names) for s in parse_text(loss.backward)], {"dx"})
    if "N" in reads([*forward, *backward]):
        forward = [*parse_text("N = len(x)"), *forward]
    backward += parse_text("dx *= dloss   # how much this loss counts") * is_weighted
    given = ("dloss",) * is_weighted
    taken = ("x", "t") if loss.has_targets else ("x",)
    made = passes(
        forward,
        backward,
        taken,
        {},
        makes="loss",
        given=given,
        returned="dx",
        part=parts.LOSS,
    )
    return Class(name, "", _says(loss, name), tuple(made))


FORWARD_ALL = """
for layer in self.layers:
    x = layer.forward(x)
return x
"""
BACKWARD_ALL = f"""
for layer in reversed(self.layers):
    dy = layer.backward(dy)
{COLLECT}
return dy
"""


STACK = """
dy = super().backward(dy)
rows = zip(*[layer.gradients for layer in self.layers])   # of each array, those of all layers
self.gradients = [np.stack(each) for each in rows]
return dy
"""


def stacked_class(*, trains: bool) -> Class:
    """Return the class of layers that are made of rows of stacked arrays."""
    methods = [Function(BACKWARD, ("self", "dy"), "", parse_text(STACK))] * trains
    says = "Layers of one kind, each made of a row of stacked arrays: so are their gradients."
    return Class("Stacked", "Sequential", says, tuple(methods))


def sequential_class(*, trains: bool, predicts: bool) -> Class:
    """Return the class of layers in a row."""
    methods = [
        Function("__init__", ("self", "*layers"), "", parse_text("self.layers = layers")),
        Function(FORWARD, ("self", "x"), "", parse_text(FORWARD_ALL)),
    ]
    if trains:
        methods.append(Function(BACKWARD, ("self", "dy"), "", parse_text(BACKWARD_ALL)))
    if predicts:
        text = FORWARD_ALL.replace("forward", PREDICT)
        methods.append(Function(PREDICT, ("self", "x"), "", parse_text(text)))
    says = "Layers one after another: forward in this order, and back in the other."
    return Class("Sequential", BASE, says, tuple(methods))
