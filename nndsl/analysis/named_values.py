"""Names of values in a network: which line gives one, and which calls take it."""

from collections.abc import Callable, Container, Sequence
from dataclasses import replace

from nndsl.analysis.scope import AnalysisError, Scope, names_in
from nndsl.analysis.suggest import did_you_mean, suggestion, typo_fix
from nndsl.analysis.toplevel import WORDS
from nndsl.diagnostics import Label
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.formula_functions import FUNCTIONS, OF_POSITIONS
from nndsl.vocabulary.layer import Layer, NamedValue

OUTPUT = "output"  # the word that declares one


def new_value(name: ast.Name, scope: Scope) -> NamedValue:
    """Return a value of a name, which has one meaning from its line on. AnalysisError if not."""
    text = name.text
    there = scope.values.get(text)
    span = there.span if there else None
    for known in (scope.names, scope.blocks, scope.own(Layer.kind)):
        if span is None and text in known:
            span = known[text].name.span
    if span is not None:
        first = Label(span, "first given here")
        raise scope.reject("NN203", f"`{text}` is given twice", name.span, first)
    if registry.find(Layer.kind, text) is not None or text in (*WORDS, OUTPUT):
        wrong = f"`{text}` is a word of the language; a value of this name would hide it"
        raise scope.reject("NN225", wrong, name.span, help="choose another name")
    return NamedValue(text, name.span)


def find_value(value: ast.Value, scope: Scope) -> NamedValue | None:
    """Return the value that a bare name stands for; None where it stands for none.

    AnalysisError where the name stands for one that comes later, or whose line is wrong.
    """
    if not isinstance(value, ast.Reference) or value.arguments is not None:
        return None
    name = value.name.text
    if (found := scope.values.get(name)) is not None:
        if found.failed:
            raise AnalysisError  # that is said
        return found
    if name in scope.ahead and name not in scope.names:
        there = Label(scope.ahead[name], "it is given here")
        wrong = f"`{name}` is used above the line that gives it"
        help = "a value is named first, and used below"
        raise scope.reject("NN315", wrong, value.span, there, help=help)
    return None


def is_formula(value: ast.Value, scope: Scope) -> bool:
    """Is it a formula over values of the network, and not a layer that takes some?"""
    values = {*scope.values, *scope.ahead}
    return has_form_of_formula(value, values, scope.blocks, lambda: scope.known(Layer.kind))


def has_form_of_formula(
    value: ast.Value,
    values: Container[str],
    blocks: Container[str],
    layers: Callable[[], Container[str]],
) -> bool:
    """Is it a formula by its form, where these names are of values and of blocks?"""
    if not any(n.name.text in values for n in names_in(value)):
        return False
    if not isinstance(value, ast.Reference):
        return True
    name = value.name.text
    if name in blocks or name not in (*FUNCTIONS, *OF_POSITIONS):
        return False
    if name not in layers():
        return True
    first = next(iter(value.arguments or ()), None)
    return first is not None and first.name is None and not isinstance(first.value, ast.Reference)


def split_values(
    arguments: Sequence[ast.Argument], scope: Scope, most: int | None = None
) -> tuple[tuple[NamedValue, ...], tuple[ast.Argument, ...]]:
    """Return the values that a call takes, whose names come first, and its other arguments.

    Of those it takes at `most` so many without their names.
    """
    taken: list[NamedValue] = []
    for argument in arguments:
        found = None if argument.name else find_value(argument.value, scope)
        if found is None:
            break
        taken.append(found)
    rest = tuple(arguments[len(taken) :])
    unnamed = [argument.value for argument in rest if argument.name is None]
    late = [value for value in unnamed if find_value(value, scope) is not None]
    first = unnamed[0] if late or (most is not None and len(unnamed) > most) else None
    if isinstance(first, ast.Reference) and not first.arguments and _is_unknown(first, scope):
        name, known = first.name.text, [*scope.values]
        help = f"give it a line above: `input {name}`, or `{name} = …`"
        way_out = None if suggestion(name, known) else help
        close = scope.resolve_typo(
            "NN201", f"unknown value `{name}`", first.name, known, help=way_out
        )
        meant = replace(first, name=ast.Name(close, first.name.span))
        mended = (replace(a, value=meant) if a.value is first else a for a in arguments)
        return split_values([*mended], scope, most)
    if late:
        wrong = (
            f"`{late[0].span.text}` is a value of the network, and stands behind other arguments"
        )
        help = "names of values come first: dense(a, 50)"
        raise scope.reject("NN205", wrong, late[0].span, help=help)
    return tuple(taken), rest


def _is_unknown(name: ast.Reference, scope: Scope) -> bool:
    text = name.name.text
    return text not in scope.names and text not in scope.blocks and not registry.kinds_of(text)


def split_roles(
    arguments: Sequence[ast.Argument], layer: type[Layer], scope: Scope
) -> tuple[tuple[tuple[str, NamedValue], ...], tuple[ast.Argument, ...]]:
    """Return the inputs of a layer that go by name, as `memory=a` does, and other arguments."""
    roles: dict[str, NamedValue] = {}
    rest: list[ast.Argument] = []
    for argument in arguments:
        name = argument.name
        if name is None or name.text not in layer.roles():
            rest.append(argument)
            continue
        found = find_value(argument.value, scope)
        if found is None:
            known = list(scope.values)
            wrong = f"`{name.text}` of `{layer.keyword()}` is a value of the network"
            given = argument.value.span
            help = did_you_mean(given.text, known) or (
                f"give a line above a name, a = …, and write {name.text}=a"
            )
            fixes = typo_fix(given, given.text, known)
            raise scope.reject("NN208", wrong, given, help=help, fixes=fixes)
        if name.text in roles:
            raise scope.reject("NN203", f"`{name.text}` is given twice", argument.span)
        roles[name.text] = found
    in_order = tuple((role, roles[role]) for role in layer.roles() if role in roles)
    return in_order, tuple(rest)


def given_below(body: ast.Body, scope: Scope) -> dict[str, Span]:
    """Return the names that lines of a body give, and those of the bodies around it."""
    found = dict(scope.ahead)
    for statement in body.statements:
        match statement:
            case ast.Setting():
                found = {name.text: name.span for name in statement.names} | found
            case ast.Declaration(name=name):
                found.setdefault(name.text, name.span)
    return found
