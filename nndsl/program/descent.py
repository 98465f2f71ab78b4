"""From a formula to the program of a descent: the formula, its gradient, the optimizer's step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from nndsl.analysis.evaluate import OPERATORS
from nndsl.analysis.minimize import FUNCTIONS, Minimizing
from nndsl.analysis.spec import Spec
from nndsl.ir import Statement, parse_text
from nndsl.program.constants import Constant, Constants
from nndsl.program.context import entries
from nndsl.program.formula import expression as algebra
from nndsl.program.formula.differentiate import differentiate
from nndsl.program.formula.spelling import EXACT, Spelling
from nndsl.program.names import Names
from nndsl.program.program import Function, Update
from nndsl.program.updating import UpdateWriter
from nndsl.source import Source, Span
from nndsl.syntax.spelling import spell
from nndsl.syntax.tree import Argument, Group, Name, Number, Operation, Reference, Unary, Value

# Names of the frame of a script: nothing else in it may be called like this.
RESERVED = "np math p g f gradient descend main step value rate START STEPS".split()
MODULE = "np."
TEXT_WIDTH = 84  # of a formula on one line of the script
EQUATION_WIDTH = 90  # and in its head
KINK = "the slope of abs is a sign; at its kink, 0"


@dataclass(frozen=True, slots=True)
class Descent:
    """A whole script about a formula, as data.

    `variables` are the names that the script has for those of the spec, in their order; `slopes`
    those of their derivatives. `oracle` is the formula with decisions that complex numbers survive.
    """

    spec: Spec
    minimizing: Minimizing
    variables: tuple[str, ...]
    slopes: tuple[str, ...]
    constants: tuple[Constant, ...]
    equations: tuple[str, ...]
    f: Function
    gradient: Function
    oracle: Function
    update: Update


def lower_descent(spec: Spec, minimizing: Minimizing) -> Descent:
    """Return the program of a checked descent.

    OverflowError where a slope holds a number that no float can hold.
    """
    names = Names(RESERVED)
    constants = Constants(names)
    states = minimizing.optimizer.state
    update = UpdateWriter(names, constants, lambda: "STEPS").write(
        minimizing.optimizer, {name: name for name in ("p", *states)}
    )
    own = {variable: names.fresh(variable) for variable in minimizing.start}
    slopes = tuple(names.fresh(f"df_d{name}") for name in own.values())
    formula = algebra.from_tree(minimizing.formula)
    derivatives = [differentiate(formula, variable) for variable in own]
    arguments = entries(list(own.values()))
    return Descent(
        spec=spec,
        minimizing=minimizing,
        variables=tuple(own.values()),
        slopes=slopes,
        constants=tuple(constants),
        equations=_equations(minimizing, derivatives),
        f=_formula(minimizing.formula, own, arguments, _named),
        gradient=_gradient(derivatives, own, slopes, arguments),
        oracle=_formula(minimizing.formula, own, arguments, _decided),
        update=update,
    )


def _equations(
    minimizing: Minimizing, derivatives: Sequence[algebra.Expression]
) -> tuple[str, ...]:
    """Return the formula and its gradient as they stand in a textbook."""
    spelling = Spelling()
    slopes = [f"df/d{variable}" for variable in minimizing.start]
    width = max(map(len, slopes))
    sides = [_terms(minimizing.formula), *map(spelling.terms, derivatives)]
    lines: list[str] = []
    for name, terms in zip(["f", *slopes], sides, strict=True):
        line = f"{name:<{width}} ="
        for term in terms:
            if len(line) + len(term) > EQUATION_WIDTH and not line.endswith("="):
                lines.append(line)
                line = " " * (width + 2)
            line = f"{line} {term}"
        lines.append(line)
    return tuple(lines)


def _gradient(
    derivatives: Sequence[algebra.Expression],
    own: Mapping[str, str],
    slopes: Sequence[str],
    arguments: str,
) -> Function:
    spelling = Spelling(own, MODULE)
    statements: list[Statement] = []
    for slope, derivative in zip(slopes, derivatives, strict=True):
        text = _broken(spelling.terms(derivative))
        (statement,) = parse_text(f"{slope} = {text}")
        has_kink = f"{MODULE}sign(" in text and not any(s.comment for s in statements)
        statements.append(replace(statement, comment=KINK) if has_kink else statement)
    is_flat = all(isinstance(derivative, algebra.Constant) for derivative in derivatives)
    kind = ", float" if is_flat else ""  # else it is that of the variables
    return Function(
        "gradient",
        arguments,
        "Return the slope of f along each variable.",
        tuple(statements),
        f"{MODULE}array([{entries(list(slopes))}]{kind})",
    )


def _formula(
    formula: Value,
    own: Mapping[str, str],
    arguments: str,
    spelled: Callable[[Reference], Reference],
) -> Function:
    """Return the formula as a function of the script."""
    terms = _terms(_in_script(formula, own, spelled))
    return Function("f", arguments, "Return what is to become small.", (), _broken(terms))


def _in_script(
    value: Value, own: Mapping[str, str], spelled: Callable[[Reference], Reference]
) -> Value:
    """Return a formula with the names of the script, and its numbers as Python writes them."""
    kind = float if _is_huge(value) else (lambda number: number)

    def inside(value: Value) -> Value:
        match value:
            case Number():
                return Number(kind(value.value), Span(Source("", ""), 0, 0))
            case Group():
                return replace(value, inner=inside(value.inner))
            case Unary():
                return replace(value, operand=inside(value.operand))
            case Operation(first, rest):
                made = tuple((operator, inside(operand)) for operator, operand in rest)
                return replace(value, first=inside(first), rest=made)
            case Reference(arguments=None):
                return replace(value, name=Name(own[value.name.text], value.name.span))
            case Reference(arguments=(argument,)):
                return spelled(
                    replace(value, arguments=(replace(argument, value=inside(argument.value)),))
                )
        raise TypeError(f"a formula holds no {type(value).__name__}")

    return inside(value)


def _is_huge(value: Value) -> bool:
    """Does a formula hold numbers alone somewhere, that are too large for numpy's whole ones?"""
    huge = False

    def evaluate(value: Value) -> float | None:
        """Return the value where no variable is in it, as the checker did."""
        nonlocal huge
        found: float | None = None
        match value:
            case Number():
                found = float(value.value)
            case Group():
                found = evaluate(value.inner)
            case Unary():
                found = evaluate(value.operand)
                found = -found if found is not None and value.operator == "-" else found
            case Operation(first, rest):
                found = evaluate(first)
                for operator, operand in rest:
                    huge = huge or (found is not None and abs(found) > EXACT)
                    right = evaluate(operand)
                    both = found is not None and right is not None
                    found = float(OPERATORS[operator](found, right)) if both else None
            case Reference(arguments=(argument,)):
                inner = evaluate(argument.value)
                found = None if inner is None else FUNCTIONS[value.name.text](inner)
        huge = huge or (found is not None and abs(found) > EXACT)
        return found

    evaluate(value)
    return huge


def _named(call: Reference) -> Reference:
    """Return the call of a function of numpy, which has them all under their own names."""
    return replace(call, name=Name(f"{MODULE}{call.name.text}", call.name.span))


def _decided(call: Reference) -> Reference:
    """Return a call that keeps an imaginary part: that of abs(u) is max(u, -u)."""
    if call.name.text != "abs":
        return _named(call)
    (argument,) = call.arguments or ()
    mirrored = Unary("-", Group(argument.value, call.span), call.span)
    return Reference(
        Name(f"{MODULE}maximum", call.span),
        (argument, Argument(None, mirrored, call.span)),
        call.span,
    )


def _terms(value: Value) -> list[str]:
    """Return the terms of a formula, all but the first with their sign before them."""
    if not isinstance(value, Operation) or value.rest[0][0] not in ("+", "-"):
        return [spell(value)]
    nothing = Number(0, Span(Source("", ""), 0, 0))
    rest = (spell(replace(value, first=nothing, rest=(pair,))) for pair in value.rest)
    return [spell(value.first), *(term.removeprefix("0 ") for term in rest)]


def _broken(terms: Sequence[str]) -> str:
    """Return a sum, on several lines where it is long."""
    line = " ".join(terms)
    if len(line) <= TEXT_WIDTH or len(terms) == 1:
        return line
    lines = [terms[0]]
    for term in terms[1:]:
        if len(lines[-1]) + len(term) < TEXT_WIDTH:
            lines[-1] += f" {term}"
        else:
            lines.append(term)
    return "(\n    " + "\n    ".join(lines) + "\n)"
