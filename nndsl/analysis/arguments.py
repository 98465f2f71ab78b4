"""The arguments of a call, and the fields of a word that they fill."""

import contextlib
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from nndsl.analysis.fixes import behind_it, fix, without
from nndsl.analysis.messages import most_specific, show_value, translate
from nndsl.analysis.scope import AnalysisError, Scope, definitions, read_each
from nndsl.analysis.slots import Slot, slots
from nndsl.analysis.suggest import suggestion
from nndsl.diagnostics import Edit, Fix, Label
from nndsl.ir.symbols import as_int
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin, W
from nndsl.vocabulary.layer import Layer, ShapeError


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
    try:
        made.check()
    except ShapeError as error:
        labels = (Label(span, "used here"),) if error.span else ()
        where = error.span or span
        raise scope.reject("NN301", error.message, where, *labels, help=error.help) from None
    return made


def name_arguments(
    word: type[Builtin], arguments: Sequence[ast.Argument], scope: Scope
) -> tuple[dict[str, list[ast.Argument]], bool]:
    """Return the arguments by field; those of a variadic field are several.

    The second result says that one belongs to no field, which is reported.
    """
    named: dict[str, list[ast.Argument]] = {}
    by_position = iter(word.by_position())

    def assign(argument: ast.Argument) -> None:
        field = _field_of(argument, word, by_position, arguments, scope)
        if field in named and (argument.name or not word.variadic):
            _require_no_decimal_comma(argument, word, arguments, scope)
            first = Label(named[field][0].span, "first given here")
            remove = fix("leave the second one out", without(argument.span))
            wrong, where = f"`{field}` is given twice", scope.origin(argument.span)
            scope.diagnostics.report("NN203", wrong, where, first, fixes=remove)
        else:
            named.setdefault(field, []).append(argument)

    _, lost = read_each(arguments, assign)
    return named, lost


def _require_no_decimal_comma(
    argument: ast.Argument, word: type[Builtin], arguments: Sequence[ast.Argument], scope: Scope
) -> None:
    """AnalysisError where an argument that does not fit is a number's part behind a comma."""
    at = next(at for at, one in enumerate(arguments) if one is argument)
    before = arguments[at - 1] if at else argument
    both = before.value.span.to(argument.span)
    number = re.fullmatch(r"(\d+),(\d+)", both.text)
    slot = slots(word).get(before.name.text) if before.name else None
    if number and (number[1] == "0" or (slot is not None and slot.number and not slot.whole)):
        point = f"{number[1]}.{number[2]}"
        write = fix(f"write {point}", Edit(both, point))
        help = f"a decimal point is written `.`: {point}"
        raise scope.reject("NN205", f"`{both.text}` is two numbers", both, help=help, fixes=write)


def _field_of(
    argument: ast.Argument,
    word: type[Builtin],
    by_position: Iterator[str],
    arguments: Sequence[ast.Argument],
    scope: Scope,
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
        if suggestion(name, fields) is None:
            other = _other_layer(name, word)
            if other is None and (behind := _layer_behind(argument, word)):
                way = f"write `{behind}` on a line of its own behind it"
                mend = behind_it(argument.span, [one.span for one in arguments], behind)
                is_linear = issubclass(word, Layer) and word.linear
                fixes = fix(way, *mend, safe=is_linear and name == "activation") if mend else ()
                raise scope.reject("NN202", wrong, argument.name.span, help=way, fixes=fixes)
            help = other or _inside(argument, word, arguments) or help
        return scope.resolve_typo("NN202", wrong, argument.name, fields, help=help)
    field = word.variadic or next(by_position, None)
    if field is None:
        _require_no_decimal_comma(argument, word, arguments, scope)
        first = word.by_position()
        takes = f"{len(first) or 'no'} argument{'s' * (len(first) != 1)} by position"
        call = f"{word.keyword()}({', '.join(first)})"
        by_name = ", ".join(f"{field}=…" for field in fields[len(first) :][:4])
        help = f"write {call.removesuffix('()')}"
        help += f"; by name there are {by_name}" if by_name else ""
        wrong = f"`{word.keyword()}` takes {takes}"
        raise scope.reject("NN205", wrong, argument.span, help=help)
    return field


def _other_layer(name: str, word: type[Builtin]) -> str | None:
    """Say which layer of a like name takes a value in the role that this one does not have."""
    last = word.keyword().rpartition("_")[2]
    for other in registry.names(Layer.kind) if issubclass(word, Layer) else ():
        if other.endswith(f"_{last}") and name in registry.get(Layer, other).roles():
            return f"`{other}` has it"
    return None


def _layer_behind(argument: ast.Argument, word: type[Builtin]) -> str | None:
    """Return the layer that another one is given as an argument, as it is written behind it."""
    value = argument.value
    written = value.value if isinstance(value, ast.String) else value.span.text
    name = value.name.text if isinstance(value, ast.Reference) else written
    is_layer = word.kind == Layer.kind and name in registry.names(Layer.kind)
    return written if is_layer else None


def _inside(
    argument: ast.Argument, word: type[Builtin], arguments: Sequence[ast.Argument]
) -> str | None:
    """Return the way out where an argument of one of the other values stands beside them."""
    assert argument.name is not None
    name = argument.name.text
    short = "".join(part[:1] for part in name.split("_"))
    for other in arguments:
        slot = slots(word).get(other.name.text) if other.name else None
        if other.name is None or slot is None or not isinstance(other.value, ast.Reference):
            continue
        called = other.value.name.text
        for inner in filter(None, (registry.find(kind, called) for kind in slot.kinds)):
            field = next((f for f in (name, short) if f in inner.model_fields), None)
            if field is not None:
                more = ", …" * bool(other.value.arguments)
                given = f"{called}({field}={argument.value.span.text}{more})"
                return f"it is an argument of `{called}`: {other.name.text} = {given}"
    return None


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
                description = word.model_fields[field].description
                needed = f"`{field}`{f': {description}' if description else ''}"
                known = word.help_for_missing(field, values, span.source.folder)
                scope.reject("NN204", f"`{word.keyword()}` needs {needed}", span, help=known)
            continue
        entry = most_specific(entries)
        slot = slots(word).get(field) or slots(word)[next(iter(named))]
        code, message = translate(entry, field or word.keyword(), slot)
        value = named[field][0].value if field in named else None
        where = value.span if value else span
        labels = definitions(value, scope) if value else ()
        help: str | None = None
        fixes: tuple[Fix, ...] = ()
        if code == "NN210":
            written = (where, *(label.span for label in labels))
            is_quotient = any("/" in one.text for one in written)
            help = "`//` divides without a remainder"
            help = help if is_quotient else _whole_numbers(word, values, field)
            fixes = _whole_division(word, values, field, value)
        given, limit = values.get(field), entry.get("ctx", {})
        if 1 in (limit.get("lt"), limit.get("le")) and isinstance(given, int) and 1 < given <= 100:
            help = f"if that is in percent, write {given / 100:g}"
        if code == "NN208" and isinstance(given, int | float) and (calls := _calls(slot, given)):
            help = f"write {calls}"
        scope.reject(code, message, where, *labels, help=help, fixes=fixes)


def _calls(slot: Slot, given: float) -> str:
    """Return calls that a slot takes, each of a word that can be made of the number alone."""
    words = [registry.find(kind, name) for kind in slot.kinds for name in registry.names(kind)]
    calls: list[str] = []
    for word in words:
        with contextlib.suppress(ValidationError):
            if word is not None and word.by_position():
                word.model_validate({next(iter(word.model_fields)): given})
                calls.append(f"`{word.keyword()}({show_value(given)})`")
    return calls[0] if len(calls) == 1 else f"one of {', '.join(calls)}" * bool(calls)


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
    if not _takes(word, values, field, math.floor(given)):
        return ()
    dividend = value.until(len(value.rest) - 1) if value.rest[1:] else value.first
    between = Span(value.span.source, dividend.span.end, divisor.span.start)
    if between.text.strip() != "/":
        return ()
    start = between.start + between.text.index("/")
    return fix("divide with `//`", Edit(Span(between.source, start, start + 1), "//"), safe=True)


def _whole_numbers(word: type[Builtin], values: dict[str, Any], field: str) -> str | None:
    """Return the way out where a number has a fraction: those beside it that the field takes."""
    given = values.get(field)
    if not isinstance(given, float) or not math.isfinite(given):
        return None
    beside = (math.floor(given), math.ceil(given))
    near = " or ".join(str(number) for number in beside if _takes(word, values, field, number))
    return f"write a whole number, such as {near}" if near else None


def _takes(word: type[Builtin], values: dict[str, Any], field: str, number: int) -> bool:
    """Whether a field takes a number, whatever else of the word is wrong."""
    try:
        word.model_validate({**values, field: number})
    except ValidationError as error:
        return all(entry["loc"][:1] != (field,) for entry in error.errors(include_url=False))
    return True


def _whole(value: Any) -> Any:
    """A whole-valued float passes for an integer."""
    if isinstance(value, float) and value.is_integer():
        return as_int(value)
    if isinstance(value, tuple):
        return tuple(map(_whole, value))
    return value
