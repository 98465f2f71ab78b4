"""The network section: calls become layers in their places, and blocks expand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nndsl.analysis.evaluate import bind, evaluate
from nndsl.analysis.fixes import fix, without
from nndsl.analysis.messages import spell
from nndsl.analysis.scope import AnalysisError, Binding, Block, Place
from nndsl.analysis.slots import Slot
from nndsl.analysis.spec import LayerInstance
from nndsl.analysis.suggest import did_you_mean
from nndsl.diagnostics import Label
from nndsl.source import Copy
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.layer import Layer, Structure

MAX_LAYERS = 100_000


def place_layers(
    body: ast.Body, place: Place, holder: type[Structure] | None = None
) -> tuple[LayerInstance, ...]:
    """Return the layers of a body in order. AnalysisError where one is wrong; all are reported."""
    placed: list[LayerInstance] = []
    failed = False
    for statement in body.statements:
        try:
            placed += _place(statement, place, holder)
        except AnalysisError:
            failed = True
    if failed:
        raise AnalysisError
    return tuple(placed)


def _place(
    statement: ast.Statement, place: Place, holder: type[Structure] | None
) -> tuple[LayerInstance, ...]:
    if isinstance(statement, ast.Broken):
        raise AnalysisError
    if not isinstance(statement, ast.Call):
        raise place.reject(
            "NN221",
            "expected a layer",
            statement.span,
            help="settings of a layer stand in its parentheses",
        )
    name = statement.name.text
    if name in place.blocks and not (holder and holder.holds):
        return _expand(statement, place.blocks[name], place)
    layer = registry.find(Layer.kind, name)
    if layer is None and not (holder and holder.holds):
        named = _named(statement, place)
        if named is not None:
            _spend(place, statement)
            return (LayerInstance(named, place.origin(statement.span), name=name),)
    if layer is None:
        known = [*registry.names(Layer.kind), *place.blocks]
        name = place.meant("NN201", f"unknown layer `{name}`", statement.name, known)
        if name in place.blocks:
            return _expand(statement, place.blocks[name], place)
        layer = registry.find(Layer.kind, name)
    assert layer is not None
    assert issubclass(layer, Layer)
    if holder is not None and holder.holds and name != holder.holds:
        raise place.reject(
            "NN221",
            f"`{holder.keyword()}` may hold only `{holder.holds}`",
            statement.name.span,
            help=f"write {holder.holds} {{ {name} … }}",
        )
    _spend(place, statement)
    bound: Layer | None = None
    try:
        bound = bind(layer, statement.arguments or (), statement.span, place)
    finally:
        inner = (
            _inner(statement, layer, place)
            if statement.body or issubclass(layer, Structure)
            else ()
        )
    return (LayerInstance(bound, place.origin(statement.span), inner),)


def _named(statement: ast.Call, place: Place) -> Layer | None:
    """Return the layer that a `let` or a block's parameter stands for; None where there is none."""
    name = statement.name
    if name.text not in place.names or statement.arguments or statement.body:
        return None
    found = evaluate(ast.Reference(name, None, name.span), Slot(kinds=(Layer.kind,)), place)
    if isinstance(found, Structure):
        wrong = f"`{name.text}` is `{found.keyword()}`, which needs a body"
        raise place.reject("NN223", wrong, statement.span, help="write a block instead")
    if not isinstance(found, Layer):
        there = Label(place.names[name.text].value.span, "its value")
        wrong = f"expected a layer, and `{name.text}` is {spell(found)}"
        raise place.reject("NN208", wrong, statement.span, there)
    return found


def _inner(statement: ast.Call, layer: type[Layer], place: Place) -> tuple[LayerInstance, ...]:
    if not issubclass(layer, Structure):
        assert statement.body is not None
        raise place.reject("NN222", f"`{layer.keyword()}` takes no body", statement.body.span)
    if statement.body is None or not statement.body.statements:
        raise place.reject(
            "NN223",
            f"`{layer.keyword()}` needs a body",
            statement.span,
            help=f"write {layer.keyword()} {{ … }} with layers between the braces",
        )
    return place_layers(statement.body, place, layer)


def _spend(place: Place, statement: ast.Call) -> None:
    _afford(place, statement, 1)
    place.budget.left -= 1


def _afford(place: Place, statement: ast.Call, layers: int) -> None:
    """Refuse, before any of them is placed, more layers than a network may have."""
    if place.budget.left < 0:
        raise AnalysisError  # that is said
    if place.budget.left <= layers:
        place.budget.left = -1
        wrong = f"the network has more than {MAX_LAYERS:_} layers"
        raise place.reject("NN213", wrong, statement.span)


def _count(block: Block, blocks: Mapping[str, Block]) -> int:
    """Return how many layers a call of a block places, at least 1."""
    if block.layers is None:
        block.layers = 1  # of one that contains itself, which is refused
        block.layers = max(1, _count_in(block.body, blocks))
    return block.layers


def _count_in(body: ast.Body, blocks: Mapping[str, Block]) -> int:
    layers = 0
    for statement in body.statements:
        name, inside = statement.name.text, getattr(statement, "body", None)
        layers += _count(blocks[name], blocks) if name in blocks else 1
        layers += _count_in(inside, blocks) if inside else 0
    return layers


def _expand(call: ast.Call, block: Block, place: Place) -> tuple[LayerInstance, ...]:
    """Return the layers of a call. One that is wrong inside is not looked at again elsewhere."""
    block.used = True
    if call.span in block.failed:
        raise AnalysisError
    try:
        _afford(place, call, _count(block, place.blocks))
        return _expanded(call, block, place)
    except AnalysisError:
        block.failed.add(call.span)
        raise


def _expanded(call: ast.Call, block: Block, place: Place) -> tuple[LayerInstance, ...]:
    name = block.name.text
    if name in place.inside:
        raise place.reject(
            "NN207",
            f"block `{name}` contains itself",
            call.span,
            Label(block.name.span, "defined here"),
        )
    if call.body is not None:
        wrong = f"a call of the block `{name}` takes no body"
        raise place.reject("NN222", wrong, call.body.span)
    names: dict[str, Binding] = {
        parameter: Binding(key, default, place=_definition(place))
        for parameter, (key, default) in block.parameters.items()
        if default is not None
    }
    given: dict[str, Binding] = {}
    arguments: dict[str, ast.Argument] = {}
    waiting = list(block.parameters)
    for argument in call.arguments or ():
        key = argument.name.text if argument.name else (waiting[0] if waiting else "")
        there = Label(block.name.span, "defined here")
        if argument.name and key not in block.parameters:
            wrong = f"block `{name}` has no parameter `{key}`"
            key = place.meant("NN202", wrong, argument.name, list(block.parameters), there)
        if key not in block.parameters:
            count = len(block.parameters) or "no"
            wrong = f"block `{name}` takes {count} argument{'s' * (count != 1)}"
            help = did_you_mean(key, list(block.parameters))
            raise place.reject("NN202", wrong, argument.span, there, help=help)
        if key in given:
            first = Label(arguments[key].span, "first given here")
            remove = fix("leave the second one out", without(argument.span))
            wrong = f"`{key}` is given twice"
            raise place.reject("NN203", wrong, argument.span, first, fixes=remove)
        arguments[key] = argument
        given[key] = Binding(block.parameters[key][0], argument.value, place)
        waiting = [parameter for parameter in waiting if parameter != key]
    names |= given
    for parameter in block.parameters:
        if parameter not in names:
            raise place.reject(
                "NN204",
                f"block `{name}` needs `{parameter}`",
                call.span,
                Label(block.name.span, "defined here"),
            )
    if not block.body.statements:
        _spend(place, call)  # it is work all the same
    outer = _definition(place)
    inner = replace(
        place,
        names={**outer.names, **names},
        uses=(call.span, *place.uses),
        inside=(*place.inside, name),
        top=outer,
    )
    copy = Copy(name)
    return tuple(
        replace(placed, copies=(copy, *placed.copies)) for placed in place_layers(block.body, inner)
    )


def _definition(place: Place) -> Place:
    """The place where blocks are defined: the top of the spec, where no parameter is seen."""
    return place.top if place.top is not None else place
