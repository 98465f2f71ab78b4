"""The network section: calls become layers in their places, and blocks expand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

from nndsl.analysis.evaluate import bind, evaluate
from nndsl.analysis.fixes import fix, without
from nndsl.analysis.imports import missing_import
from nndsl.analysis.messages import show_value
from nndsl.analysis.scope import AnalysisError, Binding, Block, Scope, read_each
from nndsl.analysis.slots import Slot
from nndsl.analysis.spec import LayerInstance
from nndsl.analysis.suggest import did_you_mean
from nndsl.diagnostics import Label
from nndsl.source import Copy
from nndsl.syntax import ast
from nndsl.vocabulary.layer import Layer, Structure

MAX_LAYERS = 100_000


def instantiate_layers(
    body: ast.Body, scope: Scope, holder: type[Structure] | None = None
) -> tuple[LayerInstance, ...]:
    """Return the layers of a body in order. AnalysisError where one is wrong; all are reported."""
    found, failed = read_each(body.statements, lambda one: _instantiate(one, scope, holder))
    if failed:
        raise AnalysisError
    return tuple(chain.from_iterable(found))


def _instantiate(
    statement: ast.Statement, scope: Scope, holder: type[Structure] | None
) -> tuple[LayerInstance, ...]:
    if isinstance(statement, ast.Broken):
        raise AnalysisError
    if not isinstance(statement, ast.Call):
        help = "settings of a layer stand in its parentheses"
        raise scope.reject("NN221", "expected a layer", statement.span, help=help)
    name = statement.name.text
    if name in scope.blocks and not (holder and holder.holds):
        return _expand(statement, scope.blocks[name], scope)
    layer = scope.layer(name)
    if layer is None and not (holder and holder.holds):
        named = _named_layer(statement, scope)
        if named is not None:
            _count_layer(scope, statement)
            return (LayerInstance(named, scope.origin(statement.span), name=name),)
    if layer is None:
        known = [*scope.known(Layer.kind), *scope.blocks]
        way_out = missing_import(Layer.kind, name, statement.span.source)
        wrong = f"unknown layer `{name}`"
        name = scope.resolve_typo("NN201", wrong, statement.name, known, help=way_out)
        if name in scope.blocks:
            return _expand(statement, scope.blocks[name], scope)
        layer = scope.layer(name)
        assert layer is not None
    if holder is not None and holder.holds and name != holder.holds:
        wrong = f"`{holder.keyword()}` may hold only `{holder.holds}`"
        help = f"write {holder.holds} {{ {name} … }}"
        raise scope.reject("NN221", wrong, statement.name.span, help=help)
    _count_layer(scope, statement)
    bound: Layer | None = None
    try:
        bound = bind(layer, statement.arguments or (), statement.span, scope)
    finally:
        inner = (
            _body_layers(statement, layer, scope)
            if statement.body or issubclass(layer, Structure)
            else ()
        )
    return (LayerInstance(bound, scope.origin(statement.span), inner),)


def _named_layer(statement: ast.Call, scope: Scope) -> Layer | None:
    """Return the layer that a `let` or a block's parameter stands for; None where there is none."""
    name = statement.name
    if name.text not in scope.names or statement.arguments or statement.body:
        return None
    found = evaluate(ast.Reference(name, None, name.span), Slot(kinds=(Layer.kind,)), scope)
    if isinstance(found, Structure):
        wrong = f"`{name.text}` is `{found.keyword()}`, which needs a body"
        raise scope.reject("NN223", wrong, statement.span, help="write a block instead")
    if not isinstance(found, Layer):
        there = Label(scope.names[name.text].value.span, "its value")
        wrong = f"expected a layer, and `{name.text}` is {show_value(found)}"
        raise scope.reject("NN208", wrong, statement.span, there)
    return found


def _body_layers(
    statement: ast.Call, layer: type[Layer], scope: Scope
) -> tuple[LayerInstance, ...]:
    if not issubclass(layer, Structure):
        assert statement.body is not None
        raise scope.reject("NN222", f"`{layer.keyword()}` takes no body", statement.body.span)
    if statement.body is None or not statement.body.statements:
        help = f"write {layer.keyword()} {{ … }} with layers between the braces"
        raise scope.reject("NN223", f"`{layer.keyword()}` needs a body", statement.span, help=help)
    return instantiate_layers(statement.body, scope, layer)


def _count_layer(scope: Scope, statement: ast.Call) -> None:
    _require_budget(scope, statement, 1)
    scope.budget.left -= 1


def _require_budget(scope: Scope, statement: ast.Call, layers: int) -> None:
    """Refuse, before any of them is placed, more layers than a network may have."""
    if scope.budget.left < 0:
        raise AnalysisError  # that is said
    if scope.budget.left <= layers:
        scope.budget.left = -1
        wrong = f"the network has more than {MAX_LAYERS:_} layers"
        raise scope.reject("NN213", wrong, statement.span)


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


def _expand(call: ast.Call, block: Block, scope: Scope) -> tuple[LayerInstance, ...]:
    """Return the layers of a call. One that is wrong inside is not looked at again elsewhere."""
    block.used = True
    if call.span in block.failed:
        raise AnalysisError
    try:
        _require_budget(scope, call, _count(block, scope.blocks))
        return _expanded(call, block, scope)
    except AnalysisError:
        block.failed.add(call.span)
        raise


def _expanded(call: ast.Call, block: Block, scope: Scope) -> tuple[LayerInstance, ...]:
    name, defined = block.name.text, Label(block.name.span, "defined here")
    if name in scope.inside:
        raise scope.reject("NN207", f"block `{name}` contains itself", call.span, defined)
    if call.body is not None:
        wrong = f"a call of the block `{name}` takes no body"
        raise scope.reject("NN222", wrong, call.body.span)
    outer = _definition_scope(scope)
    names = {
        key: Binding(parameter, argument.value, scope)
        for key, (parameter, argument) in _block_arguments(call, block, scope, defined).items()
    }
    for key, (parameter, default) in block.parameters.items():
        if key not in names and default is None:
            raise scope.reject("NN204", f"block `{name}` needs `{key}`", call.span, defined)
        if default is not None:
            names.setdefault(key, Binding(parameter, default, outer))
    if not block.body.statements:
        _count_layer(scope, call)  # it is work all the same
    inner = replace(
        scope,
        names={**outer.names, **names},
        uses=(call.span, *scope.uses),
        inside=(*scope.inside, name),
        top=outer,
    )
    copy = Copy(name)
    layers = instantiate_layers(block.body, inner)
    return tuple(replace(layer, copies=(copy, *layer.copies)) for layer in layers)


def _block_arguments(
    call: ast.Call, block: Block, scope: Scope, defined: Label
) -> dict[str, tuple[ast.Name, ast.Argument]]:
    """Return the arguments of a call of a block, each with its parameter."""
    name, parameters = block.name.text, list(block.parameters)
    given: dict[str, tuple[ast.Name, ast.Argument]] = {}
    for argument in call.arguments or ():
        waiting = [parameter for parameter in parameters if parameter not in given]
        key = argument.name.text if argument.name else (waiting[0] if waiting else "")
        if argument.name and key not in parameters:
            wrong = f"block `{name}` has no parameter `{key}`"
            key = scope.resolve_typo("NN202", wrong, argument.name, parameters, defined)
        if key not in parameters:
            count = len(parameters) or "no"
            wrong = f"block `{name}` takes {count} argument{'s' * (count != 1)}"
            help = did_you_mean(key, parameters)
            raise scope.reject("NN202", wrong, argument.span, defined, help=help)
        if key in given:
            first = Label(given[key][1].span, "first given here")
            remove = fix("leave the second one out", without(argument.span))
            wrong = f"`{key}` is given twice"
            raise scope.reject("NN203", wrong, argument.span, first, fixes=remove)
        given[key] = block.parameters[key][0], argument
    return given


def _definition_scope(scope: Scope) -> Scope:
    """The place where blocks are defined: the top of the spec, where no parameter is seen."""
    return scope.top if scope.top is not None else scope
