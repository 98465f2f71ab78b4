"""The network section: calls become layers in their places, and blocks expand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain, takewhile

from nndsl.analysis.evaluate import bind, evaluate
from nndsl.analysis.fixes import fix, without
from nndsl.analysis.imports import missing_import
from nndsl.analysis.messages import show_value
from nndsl.analysis.named_values import (
    OUTPUT,
    find_value,
    given_below,
    is_formula,
    new_value,
    split_roles,
    split_values,
)
from nndsl.analysis.scope import AnalysisError, Binding, Block, Scope, names_in, read_each
from nndsl.analysis.slots import Slot, describe_kind, slots
from nndsl.analysis.suggest import correction, did_you_mean
from nndsl.analysis.toplevel import first_word
from nndsl.diagnostics import Label
from nndsl.source import Copy
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.layer import Apart, Layer, LayerInstance, NamedValue, Same, Structure
from nndsl.vocabulary.section import Section
from nndsl.vocabulary.tie import WeightTying

MAX_LAYERS = 20_000
WEIGHTS = "weights"  # what a call says whose weights it takes by, as a layer does


def instantiate_layers(
    body: ast.Body, scope: Scope, holder: type[Structure] | None = None
) -> tuple[LayerInstance, ...]:
    """Return the layers of a body in order. AnalysisError where one is wrong; all are reported."""
    inner = replace(
        scope,
        values=dict(scope.values),
        ahead=given_below(body, scope),
        inside_structure=holder is not None,
    )
    found, failed = read_each(body.statements, lambda one: _instantiate(one, inner, holder))
    if failed:
        raise AnalysisError
    return tuple(chain.from_iterable(found))


def instantiate_network(body: ast.Body, scope: Scope) -> tuple[LayerInstance, ...]:
    """Return the layers of the network: nothing is above the line that follows several inputs."""
    layers = instantiate_layers(body, scope)
    inputs = [at for at, one in enumerate(layers) if one.layer.declares_input]
    if len(inputs) < 2:
        return layers
    at = inputs[-1] + 1
    return (*layers[:at], LayerInstance(Apart(), layers[at - 1].origin), *layers[at:])


def _instantiate(
    statement: ast.Statement, scope: Scope, holder: type[Structure] | None
) -> tuple[LayerInstance, ...]:
    """Return the layers that a line of a body is; `holder` is the structure around it."""
    is_restricted = holder is not None and bool(holder.holds)  # to layers of one word
    match statement:
        case ast.Broken():
            raise AnalysisError
        case ast.Setting() | ast.Declaration() if not is_restricted:
            return _named_line(statement, scope)
        case ast.Call():
            found = None if is_restricted else _of_values(statement, scope)
            if found is not None:
                return found
            word = _resolve_layer(statement, scope)
            if word in scope.blocks and not is_restricted:
                return _expand(statement, scope.blocks[word], scope)
            return (_layer(statement, word, scope, holder),)
    help = "settings of a layer stand in its parentheses"
    raise scope.reject("NN221", "expected a layer", statement.span, help=help)


def _of_values(statement: ast.Call, scope: Scope) -> tuple[LayerInstance, ...] | None:
    """Return what a line is by the names in it: of values, or of a layer; None if by its word."""
    value = ast.Reference(statement.name, statement.arguments, statement.span)
    if statement.body is None and is_formula(value, scope):
        return _formula(value, scope)
    name = statement.name.text
    if name in scope.blocks:
        return None
    origin = scope.origin(statement.span)
    if (alone := _value_alone(statement, scope)) is not None:
        return (LayerInstance(Same(), origin, takes=(alone,)),)
    if scope.layer(name) is None and (named := _named_layer(statement, scope)) is not None:
        _count_layers(scope, statement)
        takes, _ = split_values(statement.arguments or (), scope)
        return (LayerInstance(named, origin, name=name, takes=takes),)
    return None


def _resolve_layer(statement: ast.Call, scope: Scope) -> str:
    """Return the word of a layer or the name of a block that a line calls, or means by it."""
    name = statement.name.text
    if name in scope.blocks or scope.layer(name) is not None:
        return name
    known = [*scope.known(Layer.kind), *scope.blocks]
    way_out = missing_import(Layer.kind, name, statement.span.source) or _no_layer(name)
    if fitting := _taking(statement, correction(name, known).several):
        known, way_out = fitting, f"did you mean `{fitting[0]}`?"
    return scope.resolve_typo(
        "NN201", f"unknown layer `{name}`", statement.name, known, help=way_out
    )


def _layer(
    statement: ast.Call, word: str, scope: Scope, holder: type[Structure] | None
) -> LayerInstance:
    """Return the layer of a word, with its arguments, its body and the values that it takes."""
    layer = scope.layer(word)
    if holder is not None and holder.holds and word != holder.holds:
        wrong = f"`{holder.keyword()}` may hold only `{holder.holds}`"
        help = f"write {holder.holds} {{ {word} … }}"
        raise scope.reject("NN221", wrong, statement.name.span, help=help)
    assert layer is not None
    _count_layers(scope, statement)
    inner: tuple[LayerInstance, ...] = ()
    left = scope.budget.left
    try:
        most = None if layer.variadic else len(layer.by_position())
        taken, arguments = split_values(statement.arguments or (), scope, most)
        roles, arguments = split_roles(arguments, layer, scope)
        source, arguments = _tied_call(word, (), arguments, scope)
        bound = bind(layer, arguments, statement.span, scope)
    finally:
        if statement.body or (
            issubclass(layer, Structure) and not (layer.joins and statement.arguments)
        ):
            inner = _body_layers(statement, layer, scope)
    if isinstance(bound, Structure):
        _count_layers(scope, statement, (left - scope.budget.left) * (bound.bodies - 1))
    origin = scope.origin(statement.span)
    tied = None if source is None else (Copy(word), source)
    return LayerInstance(bound, origin, inner, takes=taken, roles=roles, tied_to=tied)


def _named_line(
    statement: ast.Setting | ast.Declaration, scope: Scope
) -> tuple[LayerInstance, ...]:
    """Return the layers of `a = …` or `input a(…)`, whose output has the name."""
    name = statement.name
    if isinstance(statement, ast.Setting) and statement.others:
        return _named_results(statement, scope)
    try:
        value = None if statement.body else statement.value
        if value is not None and is_formula(value, scope):
            layers = _formula(value, scope)
        else:
            layers = _instantiate(_call(statement, scope), scope, None)
        given = new_value(name, scope)
        given.is_output = isinstance(statement, ast.Declaration) and statement.value is not None
    except AnalysisError:
        scope.values.setdefault(name.text, NamedValue(name.text, name.span, failed=True))
        raise
    scope.values[name.text] = given
    given.copy = layers[0].copies[0] if layers and layers[0].copies else None
    if len(layers) == 1 and layers[0].gives is None:
        if not isinstance(layers[0].layer, Structure) and not given.copy:
            given.copy = Copy(layers[0].layer.keyword())  # another may have its weights
        return (replace(layers[0], gives=given),)
    return (*layers, LayerInstance(Same(), scope.origin(statement.span), gives=given))


def _named_results(statement: ast.Setting, scope: Scope) -> tuple[LayerInstance, ...]:
    """Return the layers of `a, b = block(…)`: each output of the block has a name here."""
    names, value = statement.names, statement.value
    try:
        block = scope.blocks.get(value.name.text) if isinstance(value, ast.Reference) else None
        if block is None:
            wrong = f"`{value.span.text}` gives one value, and here stand {len(names)} names"
            help = f"a block gives several that has several lines `{OUTPUT} NAME = …`"
            raise scope.reject("NN317", wrong, statement.span, help=help)
        body = [one for one in block.body.statements if isinstance(one, ast.Declaration)]
        count = max(1, sum(one.word.text == OUTPUT for one in body))
        if count != len(names):
            several = f"{count} values" if count > 1 else "one value"
            wrong = f"block `{block.name.text}` gives {several}, and here stand {len(names)} names"
            words = [first_word(one)[1] for one in block.body.statements]
            places = [Label(word.span, "given here") for word in words if word.text == OUTPUT]
            defined = Label(block.name.span, "defined here")
            raise scope.reject("NN317", wrong, statement.span, *(places or [defined]))
        layers = _instantiate(_call(statement, scope), scope, None)
        found = []
        for name, result in zip(names, layers[-count:], strict=True):
            given = scope.values[name.text] = new_value(name, scope)
            given.copy = result.copies[0]
            found.append(replace(result, gives=given))
    except AnalysisError:
        for name in names:
            scope.values.setdefault(name.text, NamedValue(name.text, name.span, failed=True))
        raise
    return (*layers[:-count], *found, LayerInstance(Apart(), scope.origin(statement.span)))


def _formula(value: ast.Value, scope: Scope) -> tuple[LayerInstance, ...]:
    """Return the layer that a formula over values is."""
    from nndsl.analysis.value_formulas import formula_layer  # few networks need it

    for name in names_in(value):
        find_value(name, scope)  # those that fail are said once
    layer, taken = formula_layer(value, scope)
    return (LayerInstance(layer, scope.origin(value.span), takes=taken),)


def _call(statement: ast.Setting | ast.Declaration, scope: Scope) -> ast.Call:
    """Return the call that gives a name its value."""
    if isinstance(statement, ast.Declaration):
        if _declares_input(statement, scope):
            return ast.Call(statement.word, statement.arguments, None, statement.span)
        word, name = statement.word.text, statement.name.text
        if word != OUTPUT or statement.value is None:
            wrong = f"`{word} {name}` does not stand in a network"
            help = f"write {OUTPUT} {name} = …" if word == OUTPUT else None
            raise scope.reject("NN221", wrong, statement.span, help=help)
        if scope.inside_structure:
            wrong = f"`{OUTPUT}` stands in a structure, and not in the network or a block itself"
            help = "name the value there, and say behind the brace that it is an output"
            raise scope.reject("NN221", wrong, statement.span, help=help)
    value = statement.value
    if isinstance(value, ast.Reference):
        return ast.Call(value.name, value.arguments, statement.body, statement.span)
    help = "a name stands for the output of a layer: a = dense(50)"
    raise scope.reject("NN221", "expected a layer", (value or statement).span, help=help)


def _declares_input(statement: ast.Statement, scope: Scope) -> bool:
    """Is it `input NAME`, or with a shape `input NAME(…)`?"""
    if not isinstance(statement, ast.Declaration) or statement.value or statement.body:
        return False
    layer = scope.layer(statement.word.text)
    return layer is not None and layer.declares_input


def _value_alone(statement: ast.Call, scope: Scope) -> NamedValue | None:
    """Return the value whose name alone is a line; None where the line is something else."""
    name = statement.name
    found = find_value(ast.Reference(name, None, name.span), scope)
    if found is not None and (statement.arguments or statement.body):
        there = Label(found.span, "named here")
        wrong = f"`{name.text}` is a value of the network, and no layer"
        help = f"its name stands among the arguments of a layer: dense({name.text}, 50)"
        raise scope.reject("NN205", wrong, statement.span, there, help=help)
    return found


def _named_layer(statement: ast.Call, scope: Scope) -> Layer | None:
    """Return the layer that a `let` or a block's parameter stands for; None where there is none."""
    name = statement.name
    if name.text not in scope.names or statement.body:
        return None
    if split_values(statement.arguments or (), scope)[1]:
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


def _no_layer(name: str) -> str | None:
    """Say of a word that is no layer what it is, and where in `train` it stands if it does."""
    kinds = registry.kinds_of(name)
    for field, slot in slots(registry.get(Section, "train")).items():
        if kinds and kinds[0] in slot.kinds:
            value = f"[{name}]" if slot.several else name
            return f"it is {describe_kind(kinds[0])}, of `train`: {field} = {value}"
    return f"it is {describe_kind(kinds[0])}, and an argument of layers" if kinds else None


def _taking(statement: ast.Call, names: Sequence[str]) -> list[str]:
    """Return the layers that have the arguments of a call, of several that may be meant."""
    given = {one.name.text for one in statement.arguments or () if one.name is not None}
    words = {name: registry.get(Layer, name) for name in names if registry.find("layers", name)}
    return [n for n, one in words.items() if given and given <= {*one.model_fields, *one.roles()}]


def _body_layers(
    statement: ast.Call, layer: type[Layer], scope: Scope
) -> tuple[LayerInstance, ...]:
    if not issubclass(layer, Structure):
        assert statement.body is not None
        raise scope.reject("NN222", f"`{layer.keyword()}` takes no body", statement.body.span)
    if statement.body is None or not statement.body.statements:
        help = f"write {layer.keyword()} {{ … }} with layers between the braces"
        if layer.joins:
            help = f"write {layer.keyword()}(a, b) with names of values, or branches in braces"
        raise scope.reject("NN223", f"`{layer.keyword()}` needs a body", statement.span, help=help)
    return instantiate_layers(statement.body, scope, layer)


def _count_layers(scope: Scope, statement: ast.Call, layers: int = 1) -> None:
    """Count layers that a line places; structures count, too: empty repetitions are work."""
    _require_budget(scope, statement, layers)
    scope.budget.left -= layers


def _require_budget(scope: Scope, statement: ast.Call, layers: int) -> None:
    """Refuse, before any of them is placed, more layers than a network may have."""
    if scope.budget.left < 0:
        raise AnalysisError  # that is said
    if scope.budget.left < layers:
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
        value, inside = getattr(statement, "value", None), getattr(statement, "body", None)
        name = (value if isinstance(value, ast.Reference) else statement).name.text
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
    taken, arguments = split_values(call.arguments or (), scope, len(block.parameters))
    source, arguments = _tied_call(name, block.parameters, arguments, scope)
    call = replace(call, arguments=arguments)
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
        _count_layers(scope, call)  # it is work all the same
    declared = [*takewhile(lambda one: _declares_input(one, scope), block.body.statements)]
    begin = _begin_block(call, [one.name for one in declared], taken, scope, defined)
    inner = replace(
        scope,
        names={**outer.names, **names},
        uses=(call.span, *scope.uses),
        inside=(*scope.inside, name),
        top=outer,
        values={one.gives.name: one.gives for one in begin if one.gives is not None},
        ahead={},
    )
    copy = Copy(name)
    rest = ast.Body(block.body.statements[len(declared) :], block.body.span)
    layers = (*begin, *instantiate_layers(rest, inner))
    layers += tuple(
        LayerInstance(Same(), scope.origin(call.span), takes=(value,))
        for value in outputs_of(layers)
    )
    if source is not None:
        layers = tuple(replace(layer, tied_to=(copy, source)) for layer in layers)
    return tuple(replace(layer, copies=(copy, *layer.copies)) for layer in layers)


def _tied_call(
    name: str,
    parameters: Collection[str],
    arguments: tuple[ast.Argument, ...],
    scope: Scope,
) -> tuple[Copy | None, tuple[ast.Argument, ...]]:
    """Return the call whose weights a call of a block or a layer takes, and the other arguments.

    They are those of a value: `weights=tied(a)`.
    """
    is_block = name in scope.blocks
    for at, argument in enumerate(arguments):
        if argument.name is None or argument.name.text != WEIGHTS or WEIGHTS in parameters:
            continue
        match argument.value:
            case ast.Reference(word, (ast.Argument(None, given),)) if registry.find(
                WeightTying.kind, word.text
            ) is not None and (is_block or given.span.text in scope.values):
                found = find_value(given, scope)
                there = Label(found.span, "named here") if found else None
                if found is not None and found.copy and found.copy.block == name:
                    return found.copy, (*arguments[:at], *arguments[at + 1 :])
                wrong = f"`{given.span.text}` is not what a call of `{name}` gives"
                help = f"name one above: a = {name}(…), and {WEIGHTS}={word.text}(a)"
                labels = [there] if there else []
                raise scope.reject("NN314", wrong, given.span, *labels, help=help)
            case ast.Reference(given, None) if given.text in scope.values:
                tie, *_ = registry.names(WeightTying.kind)
                wrong = f"`{given.text}` is what a call gives, and not its weights"
                help = f"write {WEIGHTS}={tie}({given.text})"
                raise scope.reject("NN314", wrong, argument.value.span, help=help)
    return None, arguments


def outputs_of(layers: Sequence[LayerInstance]) -> list[NamedValue]:
    """Return the outputs that the lines of a network or a block declare, not those of calls."""
    given = [one.gives for one in layers if not one.copies]
    return [value for value in given if value is not None and value.is_output]


def _begin_block(
    call: ast.Call,
    declared: Sequence[ast.Name],
    taken: tuple[NamedValue, ...],
    scope: Scope,
    defined: Label,
) -> tuple[LayerInstance, ...]:
    """Return the lines that give a block what it takes, by the names that it has for that."""
    wanted = max(1, len(declared))
    if len(taken) not in (wanted, wanted - 1):
        takes = f"takes {wanted} value{'s' * (wanted > 1)}"
        wrong = f"block `{call.name.text}` {takes}, and here stand {len(taken)}"
        raise scope.reject("NN317", wrong, call.span, defined)
    origin = scope.origin(call.span)
    sources: list[tuple[NamedValue, ...]] = [(value,) for value in taken]
    if len(taken) < wanted:
        sources.insert(0, ())
    if not declared:
        return tuple(LayerInstance(Same(), origin, takes=taken) for _ in taken)
    lines = [
        LayerInstance(Same(), origin, takes=source, gives=NamedValue(name.text, name.span))
        for name, source in zip(declared, sources, strict=True)
    ]
    if wanted > 1:
        lines.append(LayerInstance(Apart(), origin))
    return tuple(lines)


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
