"""The arguments of a call, and the fields of a word that they fill."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from nndsl.analysis.fixes import fix, without
from nndsl.analysis.messages import most_specific, translate
from nndsl.analysis.scope import AnalysisError, Scope, definitions, read_each
from nndsl.analysis.slots import slots
from nndsl.diagnostics import Edit, Fix, Label
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary.builtin import Builtin, W


def construct(
    word: type[W],
    values: dict[str, Any],
    named: dict[str, list[ast.Argument]],
    span: Span,
    scope: Scope,
    *,
    incomplete: bool,
) -> W:
    """Return the word with these values of its fields; AnalysisError where they are wrong.

    All that is wrong is reported. `incomplete` says that some value was already rejected, so
    that none is said to be missing.
    """
    values = {name: _whole(value) for name, value in values.items()}
    try:
        made = word.model_validate(values)
    except ValidationError as error:
        _report(word, error, values, named, span, scope, hide_missing=incomplete)
        raise AnalysisError from None
    if incomplete:
        raise AnalysisError
    return made


def name_arguments(
    word: type[Builtin], arguments: Sequence[ast.Argument], scope: Scope
) -> tuple[dict[str, list[ast.Argument]], bool]:
    """Return the arguments by field; those of a variadic field are several.

    The second result says that one belongs to no field, which is reported.
    """
    named: dict[str, list[ast.Argument]] = {}
    by_position = iter(list(word.model_fields)[: word.positional])

    def assign(argument: ast.Argument) -> None:
        field = _field_of(argument, word, by_position, scope)
        if field in named and (argument.name or not word.variadic):
            first = Label(named[field][0].span, "first given here")
            remove = fix("leave the second one out", without(argument.span))
            wrong, where = f"`{field}` is given twice", scope.origin(argument.span)
            scope.diagnostics.report("NN203", wrong, where, first, fixes=remove)
        else:
            named.setdefault(field, []).append(argument)

    _, lost = read_each(arguments, assign)
    return named, lost


def _field_of(
    argument: ast.Argument, word: type[Builtin], by_position: Iterator[str], scope: Scope
) -> str:
    """Return the field that an argument fills. AnalysisError if there is none."""
    fields = list(word.model_fields)
    if argument.name is not None:
        name = argument.name.text
        if name in fields:
            return name
        what = "setting" if word.kind == "sections" else "argument"
        wrong = f"`{word.keyword()}` has no {what} `{name}`"
        help = None if fields else f"`{word.keyword()}` takes no {what}s"
        return scope.resolve_typo("NN202", wrong, argument.name, fields, help=help)
    field = word.variadic or next(by_position, None)
    if field is None:
        takes = f"{word.positional or 'no'} argument{'s' * (word.positional != 1)} by position"
        call = f"{word.keyword()}({', '.join(fields[: word.positional])})"
        by_name = ", ".join(f"{field}=…" for field in fields[word.positional :][:4])
        help = f"write {call.removesuffix('()')}"
        help += f"; by name there are {by_name}" if by_name else ""
        wrong = f"`{word.keyword()}` takes {takes}"
        raise scope.reject("NN205", wrong, argument.span, help=help)
    return field


def placeholder_argument(statement: ast.Statement, word: type[Builtin]) -> ast.Argument:
    """Return what a statement that is no setting leaves of one: its name, where it has one."""
    name = statement.word if isinstance(statement, ast.Declaration) else statement.name
    named = name if name.text in word.model_fields else None
    return ast.Argument(named, ast.Hole(statement.span), statement.span)


def _report(
    word: type[Builtin],
    error: ValidationError,
    values: dict[str, Any],
    named: dict[str, list[ast.Argument]],
    span: Span,
    scope: Scope,
    hide_missing: bool,
) -> None:
    by_field: dict[str, list[Any]] = {}
    for entry in error.errors(include_url=False):
        by_field.setdefault(str(entry["loc"][0]) if entry["loc"] else "", []).append(entry)
    for field, entries in by_field.items():
        if all(entry["type"] == "missing" for entry in entries):
            if not hide_missing:
                needed = f"`{field}`: {word.model_fields[field].description}"
                scope.reject("NN204", f"`{word.keyword()}` needs {needed}", span)
            continue
        entry = most_specific(entries)
        code, message = translate(
            entry, field or word.keyword(), slots(word).get(field) or slots(word)[next(iter(named))]
        )
        value = named[field][0].value if field in named else None
        where = value.span if value else span
        labels = definitions(value, scope) if value else ()
        help: str | None = None
        fixes: tuple[Fix, ...] = ()
        if code == "NN210":
            help = "`//` divides without a remainder"
            fixes = _whole_division(word, values, field, value)
        scope.reject(code, message, where, *labels, help=help, fixes=fixes)


def _whole_division(
    word: type[Builtin], values: dict[str, Any], field: str, value: ast.Value | None
) -> tuple[Fix, ...]:
    """Return the fix that writes `//` for `/`, where the field takes what comes of it."""
    while isinstance(value, ast.Group):
        value = value.inner
    given = values[field]
    if not isinstance(value, ast.Operation) or not isinstance(given, float):
        return ()
    operator, divisor = value.rest[-1]
    if operator != "/":
        return ()
    try:
        word.model_validate({**values, field: math.floor(given)})
    except ValidationError as error:
        if any(entry["loc"][:1] == (field,) for entry in error.errors(include_url=False)):
            return ()
    dividend = value.until(len(value.rest) - 1) if value.rest[1:] else value.first
    between = Span(value.span.source, dividend.span.end, divisor.span.start)
    if between.text.strip() != "/":
        return ()
    start = between.start + between.text.index("/")
    return fix("divide with `//`", Edit(Span(between.source, start, start + 1), "//"), safe=True)


def _whole(value: Any) -> Any:
    """A whole-valued float passes for an integer."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, tuple):
        return tuple(map(_whole, value))
    return value
