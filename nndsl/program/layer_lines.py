"""The methods of a network whose layers take values by name, a line for each layer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from nndsl.ir import (
    Expression,
    ExpressionStatement,
    KeywordStatement,
    Name,
    Operation,
    Statement,
    assign,
    name_tuple,
    parse_text,
    parse_value,
    plus,
    statement,
)
from nndsl.program.layer_classes import COLLECT
from nndsl.program.program import Function
from nndsl.vocabulary.layer import BACKWARD

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line(Generic[T]):
    """An object of a network, what it takes, and what it gives."""

    makes: str
    item: T
    takes: tuple[str, ...]
    learning: tuple[str, ...]  # those of them that it returns gradients of


def forward_of(
    method: str, lines: Sequence[Line[T]], inputs: Sequence[str], outputs: Sequence[str]
) -> Function:
    """Return the method that calls one method of all layers in order."""
    made = [
        assign(line.makes, _call(at, method, [Name(name) for name in line.takes]))
        for at, line in enumerate(lines)
    ]
    made.append(_returned(outputs))
    return Function(method, ("self", *inputs), "", tuple(made))


def backward_of(
    lines: Sequence[Line[T]], quantities: Sequence[str], outputs: Sequence[str]
) -> Function:
    """Return the method that asks all layers back: of a value used twice, gradients are added."""
    given = [f"d{name}" for name in outputs]
    has = {*quantities, *(line.makes for line in lines)}  # a gradient: tokens have none
    known, made = set(given), list[Statement]()
    for at, line in reversed(list(enumerate(lines))):
        if f"d{line.makes}" not in known:
            continue  # no layer behind it learns by it: a mask
        call = _call(at, BACKWARD, [Name(f"d{line.makes}")])
        made += _asked(call, [f"d{name}" if name in has else "_" for name in line.learning], known)
    made += [*parse_text(COLLECT)]
    made += [_returned([f"d{name}" for name in quantities])] if quantities else []
    return Function(BACKWARD, ("self", *given), "", tuple(made))


def _asked(call: Expression, slopes: Sequence[str], known: set[str]) -> Iterator[Statement]:
    """Yield what a layer adds to the gradients of the values that it took."""
    if len(slopes) < 2:
        slope = slopes[0] if slopes else "_"
        if slope == "_":
            yield statement(ExpressionStatement(call))
        else:
            yield assign(slope, plus(Name(slope), call) if slope in known else call)
            known.add(slope)
        return
    parts = [
        f"{slope}_{at}" if slope in {*known, *slopes[: at - 1]} and slope != "_" else slope
        for at, slope in enumerate(slopes, 1)
    ]
    yield assign(name_tuple(parts), call)
    for slope, part in zip(slopes, parts, strict=True):
        if part != slope:
            yield assign(slope, plus(Name(slope), Name(part)))
    known.update(slopes)


def _call(at: int, method: str, given: Sequence[Expression]) -> Expression:
    return Operation(f".{method}()", (parse_value(f"self.layers[{at}]"), *given))


def _returned(names: Sequence[str]) -> Statement:
    value = Name(names[0]) if len(names) == 1 else name_tuple(names)
    return statement(KeywordStatement("return", value))
