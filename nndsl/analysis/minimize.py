"""Descents: an optimizer's path on a formula."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nndsl.analysis.arguments import placeholder_argument
from nndsl.analysis.evaluate import OPERATORS, apply, bind, evaluate_number
from nndsl.analysis.formulas import FormulaReader
from nndsl.analysis.messages import show_value
from nndsl.analysis.scope import AnalysisError, Scope, names_in, read_each
from nndsl.analysis.suggest import suggestion
from nndsl.diagnostics import Label
from nndsl.ir import Expression, Literal, Name, Operation, scalar
from nndsl.ir.algebra import written
from nndsl.ir.chain import Step, chain_rule
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

    `formula` is built of numbers, the names in `start` and of `named` steps before it, `SMOOTH`
    operators and `FUNCTIONS` of one argument; every other name of the spec stands there as its
    number. `span` is its place.
    """

    formula: Expression
    named: tuple[Step, ...]
    span: Span
    start: Mapping[str, float]
    optimizer: Optimizer
    steps: int

    @property
    def chain(self) -> tuple[Step, ...]:
        """The named steps, and `f` as the last, unless it is one of them."""
        is_last = bool(self.named) and self.formula == Name(self.named[-1][0])
        return self.named if is_last else (*self.named, ("f", self.formula))


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
    named = _named(settings, start, scope)
    settings = [one for one in settings if one not in named]
    if start is None and failed:
        bind(Minimize, settings, call.span, scope)  # for what else is wrong
    variables = _variables(call, start, scope)
    found = bind(Minimize, [*(call.arguments or ()), *settings], call.span, scope)
    reader = _Formula(scope, variables, [one.name.text for one in named if one.name])
    steps, failed = read_each(named, reader.named_step)
    formula = reader.read_as("f", found.f)
    if failed:
        raise AnalysisError
    assert start is not None
    made = DescentSpec(formula, tuple(steps), found.f.span, variables, found.optimizer, found.steps)
    _check_slopes(made, start, scope)
    return made


def _named(
    settings: Sequence[ast.Argument], start: ast.Call | None, scope: Scope
) -> list[ast.Argument]:
    """Return the settings that are named steps: those that a formula reads, or means to read."""
    own = [a for a in settings if a.name and a.name.text not in Minimize.model_fields]
    formulas = [a.value for a in settings if a in own or (a.name and a.name.text == "f")]
    read = {name.name.text for formula in formulas for name in names_in(formula)}
    given = start.arguments or () if start is not None else ()
    known = {a.name.text for a in (*own, *given) if a.name}
    unknown = read - known - scope.names.keys()
    names = [a.name.text for a in own if a.name]
    meant = {suggestion(name, names) for name in unknown}
    return [a for a in own if a.name and (a.name.text in read or a.name.text in meant)]


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
        _check_name(argument.name, "variable", scope)
        scope.require_new(first, argument.name.text, argument.name.span)
        return argument.name.text, float(evaluate_number(argument.value, scope))

    variables, failed = read_each(arguments, variable)
    if failed:
        raise AnalysisError
    return dict(variables)


def _check_slopes(made: DescentSpec, start: ast.Call, scope: Scope) -> None:
    """Reject a start at which a slope of the formula is no number: no optimizer leaves it."""
    variables = made.start
    chain = [(name, transformed(formula, of_numpy)) for name, formula in made.chain]
    count = len(variables)
    known: dict[str, scalar.Dual] = {
        name: ([value] * count, [float(at == number) for at in range(count)])
        for number, (name, value) in enumerate(variables.items())
    }
    slopes: Sequence[float] | None = None
    for name, formula in chain:
        known[name] = scalar.evaluate(formula, known, count)
        _, slopes = known[name]
    for argument, slope in zip(start.arguments or (), slopes or (), strict=False):
        assert argument.name is not None
        name = argument.name.text
        if math.isfinite(slope) or math.isfinite(_symbolic_slope(chain, name, variables)):
            continue
        raise scope.reject(
            "NN212",
            f"the slope of `f` along `{name}` has no value at the start",
            argument.span,
            Label(made.span, "its derivative there is no number, or one that is too large"),
            help="let it start a little beside, where `f` is smooth",
        )


def of_numpy(node: Expression) -> Expression:
    """Return a part of a formula with the function of numpy for that of the page."""
    match node:
        case Operation(op) if op.endswith("()"):
            return replace(node, op=f"np.{op}")
    return node


def _symbolic_slope(chain: Sequence[Step], name: str, variables: Mapping[str, float]) -> float:
    """Return a slope as the script has it, in which some divisions by zero are cancelled."""
    values = dict(variables)
    try:
        for step, formula in chain:
            values[step] = scalar.evaluate_number(formula, values)
        for line, slope in chain_rule(chain, list(variables), lambda name: f"d {name}"):
            values[line] = scalar.evaluate_number(written(slope), values)
    except OverflowError:  # which is said elsewhere
        return 0.0
    return values[f"d {name}"]


def _check_name(name: ast.Name, what: str, scope: Scope) -> None:
    if name.text in scope.names:
        there = Label(scope.names[name.text].name.span, "defined here")
        wrong = f"the {what} `{name.text}` would hide the `let` of this name"
        raise scope.reject("NN225", wrong, name.span, there)
    if name.text == "f":
        raise scope.reject("NN225", f"a {what} `f` would hide the formula itself", name.span)
    if name.text in FUNCTIONS:
        wrong = f"the {what} `{name.text}` would hide the function of this name"
        raise scope.reject("NN225", wrong, name.span)


class _Formula(FormulaReader):
    """Lowers a formula: to a tree with all `let`s as numbers, and to its value at the start."""

    def __init__(self, scope: Scope, variables: Mapping[str, float], named: Sequence[str]) -> None:
        functions = {name: Function(f"{name}()") for name in FUNCTIONS}
        super().__init__(scope, list(variables), functions)
        self._values = dict(variables)  # at the start, of what has a name
        self._given: dict[str, Span] = {}  # where named steps stand
        self._later = list(named)
        self._numbers: dict[int, float] = {}  # at the start, of parts of the tree

    def named_step(self, argument: ast.Argument) -> Step:
        """Return a named step. The steps after it may read it, whatever is wrong with it."""
        assert argument.name is not None
        name = argument.name
        try:
            self._later.remove(name.text)
            self.scope.require_new(self._given, name.text, name.span)
            if name.text in self.names:
                wrong = f"`{name.text}` is a variable, and begins in `start`"
                raise self.scope.reject("NN225", wrong, name.span, help="choose another name")
            _check_name(name, "named value", self.scope)
            formula = self.read_as(name.text, argument.value)
            self._values[name.text] = self._numbers[id(formula)]
        finally:
            self._values.setdefault(name.text, math.nan)
            self.names = list(dict.fromkeys([*self.names, name.text]))
        return name.text, formula

    def read_as(self, name: str, value: ast.Value) -> Expression:
        """Return the formula of a name."""
        self.what = f"`{name}`"
        return self.read(value)

    def way_out(self, name: str, *, is_name: bool) -> str | None:
        if name in self._later:
            return f"`{name}` gets its value further down: put its line before this one"
        if not is_name or suggestion(name, [*self.names, *self.scope.names, *self.functions]):
            return None
        return f"a variable begins in start({name}=1), and a number has a line: let {name} = 1"

    def made(self, node: Expression, value: ast.Value) -> Expression:
        self._numbers[id(node)] = self._at_start(node, value)
        return node

    def _at_start(self, node: Expression, value: ast.Value) -> float:
        match node:
            case Name(name):
                return self._values[name]
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
        if any(map(math.isnan, operands)):  # of a step that is wrong, which is said
            return math.nan
        used = dict.fromkeys(name.name.text for name in names_in(value))
        at = [f"{name} = {show_value(self._values[name])}" for name in used if name in self._values]
        where = f"at the start, where {' and '.join(at[:MAX_SHOWN])}" if at else None
        return float(apply(function, operands, value, self.scope, where))
