"""Values: arithmetic, names, and words in their places."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from nndsl.analysis.arguments import construct, name_arguments
from nndsl.analysis.fixes import fix
from nndsl.analysis.imports import missing_import
from nndsl.analysis.scope import DATA_SIZES, AnalysisError, Binding, Scope, definitions, read_each
from nndsl.analysis.slots import NUMBER, Slot, describe_kind, singular_of, slots
from nndsl.analysis.suggest import correction, did_you_mean, suggestion
from nndsl.diagnostics import Edit, Label
from nndsl.ir import Operation
from nndsl.ir.symbols import Symbolic, SymbolicInt, number, symbol, with_tree
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import W
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.metric import Metric
from nndsl.vocabulary.regularizer import Regularizer

LARGEST = 10**300
MAX_VALUES = 10_000  # in a list
_BOOLEANS = ("true", "false")
OF_FORMULAS = (Loss.kind, Metric.kind, Regularizer.kind)  # a page may write its own

FUNCTIONS: dict[str, tuple[int | None, Callable[..., int | float]]] = {
    "sqrt": (1, math.sqrt),
    "min": (None, lambda *numbers: min(numbers)),
    "max": (None, lambda *numbers: max(numbers)),
}
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
}


def evaluate(value: ast.Value, slot: Slot, scope: Scope) -> Any:
    """Return what a value means in its slot. AnalysisError where it means nothing."""
    if slot.unevaluated and not isinstance(value, ast.Hole):
        return value
    match value:
        case ast.Number():
            return value.value
        case ast.String():
            if not slot.text:
                is_word = value.value in scope.known(*slot.kinds)
                help = f"without quotes: {value.value}" if is_word else None
                message = f"expected {slot.one}, found a text"
                raise scope.reject("NN208", message, value.span, help=help)
            return value.value
        case ast.Boolean():
            if not slot.boolean:
                wrong = f"expected {slot.one}, found `{str(value.value).lower()}`"
                raise scope.reject("NN208", wrong, value.span)
            return value.value
        case ast.Group():
            return evaluate(value.inner, slot, scope)
        case ast.Sequence():
            if not slot.several:
                wrong = f"expected {slot.wanted}, found a list of values"
                raise scope.reject("NN208", wrong, value.span)
            if scope.uses:  # the value of a name, whose items may be as many as 2**names
                items = tuple(evaluate(item, slot, scope) for item in value.items)
            else:
                found, failed = read_each(value.items, lambda item: evaluate(item, slot, scope))
                if failed:
                    raise AnalysisError
                items = tuple(found)
            if _holds_more(items, MAX_VALUES):
                wrong = f"this list holds more than {MAX_VALUES:_} values"
                raise scope.reject("NN213", wrong, value.span)
            return items
        case ast.Unary() | ast.Operation():
            return _arithmetic(value, scope)
        case ast.Reference():
            return _reference(value, slot, scope)
        case ast.Hole():
            raise AnalysisError


def _holds_more(values: tuple[Any, ...], most: int) -> bool:
    """Do values, with those of lists in lists, number more? A list may stand in many places."""
    waiting = list(values)
    while waiting and most >= 0:
        value = waiting.pop()
        waiting += value if isinstance(value, tuple) else ()
        most -= 1
    return most < 0


def evaluate_number(value: ast.Value, scope: Scope) -> int | float:
    """Return the number that a value means."""
    number: int | float = evaluate(value, NUMBER, scope)
    return number


def bind(word: type[W], arguments: Sequence[ast.Argument], span: Span, scope: Scope) -> W:
    """Return the word with its arguments. AnalysisError; all that is wrong is reported."""
    whole = [a for a in arguments if a.name or not isinstance(a.value, ast.Hole)]
    named, lost = name_arguments(word, whole, scope)
    incomplete = lost or len(whole) < len(arguments)
    values: dict[str, Any] = {}
    for name, parts in named.items():
        slot = slots(word)[name]
        try:
            found = tuple(evaluate(part, slot, scope) for part in _each(parts, slot))
        except AnalysisError:
            incomplete = True
            continue
        single = len(found) == 1 and (not slot.several or isinstance(found[0], tuple))
        values[name] = found[0] if single else found
    return construct(word, values, named, span, scope, incomplete=incomplete)


def _each(parts: Sequence[ast.Argument], slot: Slot) -> Sequence[ast.Value]:
    """Return the values of a field; `values = [a, b]` is the same as `a, b` by position."""
    first = parts[0]
    if slot.several and slot.unevaluated and first.name and isinstance(first.value, ast.Sequence):
        return first.value.items
    return [part.value for part in parts]


def _reference(value: ast.Reference, slot: Slot, scope: Scope) -> Any:
    name = value.name.text
    if value.arguments is None:
        binding = scope.names.get(name)
        if binding is not None and slot.layer and _is_layer(binding.value, scope):
            binding.used = True
            return name
        if binding is not None:
            return _bound(value, binding, slot, scope)
        if slot.layer and name not in scope.known(Layer.kind):
            known = [*scope.known(Layer.kind), *(n for n in scope.names if n != name)]
            return scope.resolve_typo("NN201", f"unknown layer `{name}`", value.name, known)
        if name in slot.choices or (slot.name and not slot.kinds):
            return name
    for kind in slot.kinds:
        word = scope.find(kind, name)
        if word is not None:
            return bind(word, value.arguments or (), value.span, scope)
    if value.arguments is not None and slot.number and name in FUNCTIONS:
        return _function(value, scope)
    return _unknown(value, slot, scope)


def _is_layer(value: ast.Value, scope: Scope) -> bool:
    """Is this a layer with its arguments, so that the `let` that holds it is its name?"""
    return (
        isinstance(value, ast.Reference)
        and value.arguments is not None
        and value.name.text in scope.known(Layer.kind)
    )


def _bound(value: ast.Reference, binding: Binding, slot: Slot, scope: Scope) -> Any:
    binding.used = True
    if slot in binding.results:
        return binding.results[slot]
    if binding.cyclic:
        raise AnalysisError
    if binding.evaluating:
        raise scope.reject(
            "NN207",
            f"`{binding.name.text}` is defined by itself",
            value.span,
            Label(binding.name.span, "defined here"),
        )
    binding.evaluating = True
    try:
        used = replace(binding.scope, uses=(value.span, *binding.scope.uses))
        found = evaluate(binding.value, slot, used)
        if binding.constant and isinstance(found, int | float) and not isinstance(found, bool):
            binding.number = found
            found = symbol(binding.constant, found)
        binding.results[slot] = found
    finally:
        binding.evaluating = False
    return binding.results[slot]


def _unknown(value: ast.Reference, slot: Slot, scope: Scope) -> Any:
    """Report a name without a meaning here, and go on with the one that it surely stands for."""
    name = value.name.text
    words = scope.known(*slot.kinds)
    names = [n for n, binding in scope.names.items() if not binding.evaluating]
    booleans = _BOOLEANS if slot.boolean else ()
    known = [*words, *([*names, *FUNCTIONS] if slot.number else ()), *slot.choices, *booleans]
    elsewhere = [kind for kind in registry.kinds_of(name) if kind not in slot.kinds]
    if elsewhere and (slot.kinds or slot.number):
        raise scope.reject(
            "NN201",
            f"`{name}` is {describe_kind(elsewhere[0])}, and here stands {slot.one}",
            value.name.span,
            help=did_you_mean(name, known),
        )
    what = (
        f"expected {slot.one}, found"
        if slot.kinds or slot.choices or slot.text or slot.boolean
        else "unknown name"
    )
    if slot.text and value.arguments is None:
        quote = fix(
            "write it in double quotes",
            Edit(value.span, f'"{name}"'),
            safe=not correction(name, [*scope.names, *slot.choices]).is_sure,
        )
        help = f'write "{name}" in double quotes'
        scope.reject("NN201", f"{what} `{name}`", value.name.span, help=help, fixes=quote)
        return name
    if value.arguments is None:
        candidates = [*words, *slot.choices, *names, *booleans]
    else:
        candidates = [*words, *(FUNCTIONS if slot.number else ())]
    is_new = what == "unknown name" and not value.arguments and not suggestion(name, candidates)
    way_out = f"give it a value: let {name} = …" if is_new else None
    if is_new and name in DATA_SIZES:
        way_out = f"it is known where `data` has {name}; here, {way_out}"
    for kind in slot.kinds:
        way_out = way_out or missing_import(kind, name, value.span.source)
    close = scope.resolve_typo(
        "NN201", f"{what} `{name}`", value.name, known, help=way_out, candidates=candidates
    )
    if close in _BOOLEANS:
        return close == "true"
    return _reference(replace(value, name=ast.Name(close, value.name.span)), slot, scope)


# --- Arithmetic -----------------------------------------------------------------------


def _arithmetic(value: ast.Unary | ast.Operation, scope: Scope) -> int | float:
    if isinstance(value, ast.Unary):
        operand = evaluate_number(value.operand, scope)
        if value.operator == "+":
            return operand
        return _traced("-", -operand, operand)
    for side in (value.first, *(side for _, side in value.rest)):
        _require_no_word(side, scope)
    left = evaluate_number(value.first, scope)
    for count, (operator, side) in enumerate(value.rest, 1):
        if operator not in OPERATORS:
            wrong = f"`{operator}` makes no number that could stand here"
            help = "it stands in the formulas of a layer of your own"
            raise scope.reject("NN208", wrong, value.until(count).span, help=help)
        right = evaluate_number(side, scope)
        if operator == "**" and left and abs(right) * abs(math.log2(abs(left))) > 1000:
            raise scope.reject("NN212", f"{left} ** {right} is too large or too small", value.span)
        result = apply(OPERATORS[operator], (left, right), value.until(count), scope)
        left = _traced(operator, result, left, right)
    return left


def _require_no_word(value: ast.Value, scope: Scope) -> None:
    """AnalysisError where a loss, or another word that a formula may be, stands for a number."""
    name = value.name.text if isinstance(value, ast.Reference) else ""
    for kind in registry.kinds_of(name) if name and name not in scope.names else ():
        if kind in OF_FORMULAS:
            wrong = f"`{name}` is {describe_kind(kind)}, and no number to calculate with"
            help = f"one of your own is a formula: `{singular_of(kind)} NAME {{ … }}`"
            if kind == Loss.kind:
                help += "; of several outputs each has its loss: `loss OUTPUT = …`"
            raise scope.reject("NN201", wrong, value.span, help=help)


def _function(value: ast.Reference, scope: Scope) -> int | float:
    count, function = FUNCTIONS[value.name.text]
    arguments = value.arguments or ()
    if (
        any(argument.name for argument in arguments)
        or not arguments
        or count not in (None, len(arguments))
    ):
        number = "one number" if count == 1 else "numbers"
        raise scope.reject("NN205", f"`{value.name.text}` takes {number} by position", value.span)
    numbers = [evaluate_number(argument.value, scope) for argument in arguments]
    result = apply(function, tuple(numbers), value, scope)
    name = value.name.text
    return _traced("math.sqrt()" if name == "sqrt" else f"{name}()", result, *numbers)


def _traced(op: str, result: float, *operands: float) -> int | float:
    """Return what an operation on numbers gave, as that operation where names stand in them."""
    named = any(isinstance(operand, Symbolic) for operand in operands)
    if not named or (isinstance(result, SymbolicInt) and op not in ("min()", "max()")):
        return result
    return with_tree(result, Operation(op, tuple(map(number, operands))))


def apply(
    function: Callable[..., Any],
    operands: tuple[int | float, ...],
    value: ast.Value,
    scope: Scope,
    where: str | None = None,
) -> int | float:
    """Return what a function makes of numbers. AnalysisError where that is no real number.

    `where` is what there is to say of the operands.
    """
    try:
        result = function(*operands)
    except ZeroDivisionError:
        labels = definitions(value, scope)
        raise scope.reject("NN212", "division by zero", value.span, *labels, help=where) from None
    except (OverflowError, ValueError):
        raise scope.reject(
            "NN212", "this has no value among the real numbers", value.span, help=where
        ) from None
    if isinstance(result, complex) or not -LARGEST < result < LARGEST:
        wrong = "this is no number, or one that is too large"
        raise scope.reject("NN212", wrong, value.span, help=where)
    return result if isinstance(result, int) else float(result)
