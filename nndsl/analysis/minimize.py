"""Descents: an optimizer's path on a formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from nndsl.analysis.arguments import placeholder_argument
from nndsl.analysis.evaluate import OPERATORS, apply, bind, evaluate_number
from nndsl.analysis.formulas import FormulaReader
from nndsl.analysis.messages import show_value
from nndsl.analysis.scope import AnalysisError, Scope, names_in, read_each
from nndsl.diagnostics import Label
from nndsl.ir import Expression, Literal, Name, Operation, scalar
from nndsl.ir.algebra import simplified, written
from nndsl.ir.derivatives import differentiate
from nndsl.ir.tree import transformed
from nndsl.record import record
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary.formula_functions import Function
from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.sections.minimize import Minimize

MAX_VARIABLES = 100
MAX_SHOWN = 5  # variables in a message
SMOOTH = ("+", "-", "*", "/", "**")
FUNCTIONS = {name: scalar.FUNCTIONS[f"np.{name}()"] for name in scalar.SMOOTH}


@record
class DescentSpec:
    """A descent as it will be run.

    `formula` is built of numbers, the names in `start`, `SMOOTH` operators and `FUNCTIONS` of
    one argument; every other name of the spec stands there as its number. `span` is its place.
    """

    formula: Expression
    span: Span
    start: Mapping[str, float]
    optimizer: Optimizer
    steps: int


def read(call: ast.Call, scope: Scope, tree: ast.Tree) -> DescentSpec:
    """Return what a descent means. AnalysisError where it is wrong; all is reported."""
    for statement in tree.statements:
        if statement.name.text in ("network", "train"):
            scope.diagnostics.report(
                "NN221",
                "`minimize` stands instead of `network` and `train`",
                call.name.span,
                Label(statement.name.span, "given here"),
            )
    settings: list[ast.Argument] = []
    start: ast.Call | None = None
    failed = False
    for statement in call.statements:
        name = statement.name
        if isinstance(statement, ast.Broken):
            settings.append(placeholder_argument(statement, Minimize))
            failed = True
        elif isinstance(statement, ast.Setting):
            settings.append(ast.Argument(name, statement.value, statement.span))
        elif not isinstance(statement, ast.Call) or name.text != "start":
            wrong = "expected a setting, name = value, or start(…), in `minimize`"
            scope.diagnostics.report("NN224", wrong, statement.span)
            settings.append(placeholder_argument(statement, Minimize))
            failed = True
        elif start is not None:
            there = Label(start.name.span, "first given here")
            scope.diagnostics.report("NN203", "`start` is given twice", name.span, there)
        else:
            start = statement
    if start is None and failed:
        bind(Minimize, settings, call.span, scope)  # for what else is wrong
    variables = _variables(call, start, scope)
    found = bind(Minimize, [*(call.arguments or ()), *settings], call.span, scope)
    formula = _Formula(scope, variables).read(found.f)
    assert start is not None
    _check_slopes(formula, variables, start, found.f.span, scope)
    return DescentSpec(formula, found.f.span, variables, found.optimizer, found.steps)


def _variables(call: ast.Call, start: ast.Call | None, scope: Scope) -> dict[str, float]:
    how = "write start(x=1, y=2): the names are the variables of `f`"
    if start is None:
        raise scope.reject("NN204", "`minimize` needs `start`", call.span, help=how)
    if start.body is not None:
        raise scope.reject("NN222", "`start` takes no body", start.body.span)
    arguments = start.arguments or ()
    if not arguments:
        raise scope.reject("NN204", "`start` names no variables", start.span, help=how)
    if len(arguments) > MAX_VARIABLES:
        raise scope.reject("NN213", f"more than {MAX_VARIABLES} variables", start.name.span)
    first: dict[str, Span] = {}

    def variable(argument: ast.Argument) -> tuple[str, float]:
        if argument.name is None:
            raise scope.reject("NN205", "`start` takes names", argument.span, help=how)
        _check_variable(argument.name, scope)
        scope.require_new(first, argument.name.text, argument.name.span)
        return argument.name.text, float(evaluate_number(argument.value, scope))

    variables, failed = read_each(arguments, variable)
    if failed:
        raise AnalysisError
    return dict(variables)


def _check_slopes(
    formula: Expression, variables: Mapping[str, float], start: ast.Call, f: Span, scope: Scope
) -> None:
    """Reject a start at which a slope of the formula is no number: no optimizer leaves it."""
    formula = transformed(formula, _of_numpy)
    count = len(variables)
    known: dict[str, scalar.Dual] = {
        name: ([value] * count, [float(at == number) for at in range(count)])
        for number, (name, value) in enumerate(variables.items())
    }
    _, slopes = scalar.evaluate(formula, known, count)
    for argument, slope in zip(start.arguments or (), slopes or (), strict=False):
        assert argument.name is not None
        name = argument.name.text
        if math.isfinite(slope) or math.isfinite(_symbolic_slope(formula, name, variables)):
            continue
        raise scope.reject(
            "NN212",
            f"the slope of `f` along `{name}` has no value at the start",
            argument.span,
            Label(f, "its derivative there is no number, or one that is too large"),
            help="let it start a little beside, where `f` is smooth",
        )


def _of_numpy(node: Expression) -> Expression:
    match node:
        case Operation(op) if op.endswith("()"):
            return replace(node, op=f"np.{op}")
    return node


def _symbolic_slope(formula: Expression, name: str, variables: Mapping[str, float]) -> float:
    """Return a slope as the script has it, in which some divisions by zero are cancelled."""
    try:
        slope = written(differentiate(simplified(formula), name))
    except OverflowError:  # which is said elsewhere
        return 0.0
    return scalar.evaluate_number(slope, variables)


def _check_variable(name: ast.Name, scope: Scope) -> None:
    if name.text in scope.names:
        there = Label(scope.names[name.text].name.span, "defined here")
        wrong = f"the variable `{name.text}` would hide the `let` of this name"
        raise scope.reject("NN225", wrong, name.span, there)
    if name.text == "f":
        raise scope.reject("NN225", "a variable `f` would hide the formula itself", name.span)
    if name.text in FUNCTIONS:
        wrong = f"the variable `{name.text}` would hide the function of this name"
        raise scope.reject("NN225", wrong, name.span)


class _Formula(FormulaReader):
    """Lowers a formula: to a tree with all `let`s as numbers, and to its value at the start."""

    what = "`f`"

    def __init__(self, scope: Scope, variables: Mapping[str, float]) -> None:
        super().__init__(scope, variables, {name: Function(f"{name}()") for name in FUNCTIONS})
        self._variables = variables
        self._numbers: dict[int, float] = {}  # at the start, of parts of the tree

    def made(self, node: Expression, value: ast.Value) -> Expression:
        self._numbers[id(node)] = self._at_start(node, value)
        return node

    def _at_start(self, node: Expression, value: ast.Value) -> float:
        match node:
            case Name(name):
                return self._variables[name]
            case Literal(int() | float() as number):
                return float(number)
            case Operation("-", (Literal(int() | float() as number),)):
                return -float(number)
            case Operation("-", (inner,)):
                return -self._numbers[id(inner)]
            case Operation(op, operands):
                function = FUNCTIONS.get(op.removesuffix("()")) or OPERATORS[op]
                numbers = tuple(self._numbers[id(operand)] for operand in operands)
                return self._apply(function, numbers, value)
        raise AssertionError(node)

    def check_operator(self, operator: str, value: ast.Value) -> None:
        if operator not in SMOOTH:
            wrong = f"`{operator}` has no slope, so that no optimizer can follow it"
            raise self.scope.reject("NN208", wrong, value.span)

    def _apply(
        self, function: Callable[..., Any], operands: tuple[float, ...], value: ast.Value
    ) -> float:
        """Return a value at the start. AnalysisError where there is none, which says where."""
        used = dict.fromkeys(name.name.text for name in names_in(value))
        at = [
            f"{name} = {show_value(self._variables[name])}"
            for name in used
            if name in self._variables
        ]
        where = f"at the start, where {' and '.join(at[:MAX_SHOWN])}" if at else None
        return float(apply(function, operands, value, self.scope, where))
