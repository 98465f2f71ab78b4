"""Expectations: what must hold, before a run where that can be known, or after it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nndsl.analysis.evaluate import bind, evaluate
from nndsl.analysis.experiments import descent_names, require
from nndsl.analysis.graph import Graph
from nndsl.analysis.messages import show_value
from nndsl.analysis.metrics import (
    PARTS,
    check_metric_name,
    find_metric,
    metric_names,
    reported_names,
)
from nndsl.analysis.scope import AnalysisError, Binding, Scope, names_in, read_each
from nndsl.analysis.slots import NUMBER, Slot
from nndsl.analysis.spec import Spec
from nndsl.diagnostics import Diagnostics, Label
from nndsl.ir import Expression
from nndsl.ir.scalar import evaluate_number as evaluate_formula
from nndsl.ir.symbols import Symbolic, number, plain
from nndsl.ir.tree import putting, transformed
from nndsl.record import record
from nndsl.shapes import Shape, show_shape
from nndsl.source import Span
from nndsl.syntax.ast import Call, Comparison, Name, Number, Statement, Tree
from nndsl.syntax.value_printer import print_value
from nndsl.vocabulary.metric import Metric
from nndsl.vocabulary.sections.expect import Expect

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
STATIC: dict[str, Callable[[Graph], int | Shape]] = {
    "parameters": lambda graph: graph.parameter_count,
    "output": lambda graph: graph.output.shape,
}
SHAPES = ("output",)
BASELINE = "baseline"  # in a comparison: what the best answer without a network reaches
_SHAPE = Slot(number=True, whole=True, several=True)


@record
class Expectation:
    """A comparison that must hold: of a name in STATIC, or of a metric after a run."""

    name: str
    operator: str
    expected: float | Shape
    name_span: Span
    span: Span
    formula: Expression | None = None  # of `expected`, where that depends on the baseline
    written: str = ""  # that formula

    @property
    def is_static(self) -> bool:
        return self.name in STATIC

    def holds(self, found: float | Shape) -> bool:
        return OPERATORS[self.operator](found, self.expected)

    def beside(self, baseline: float) -> Expectation:
        """Return it with the number that is expected where the baseline is known; nan is none."""
        assert self.formula is not None
        return replace(self, expected=evaluate_formula(self.formula, {BASELINE: baseline}))

    def __str__(self) -> str:
        """`test_accuracy >= 0.95`, without the backticks."""
        return f"{self.name} {self.operator} {self.written or show(self.expected)}"


def read(call: Call, scope: Scope, tree: Tree) -> tuple[Expectation, ...]:
    """Return the expectations. AnalysisError where one is wrong; all are reported."""
    first: dict[str, Span] = {}
    after_descent = descent_names(tree)

    def expectation(statement: Statement) -> Expectation:
        found = _expectation(statement, scope, after_descent)
        scope.require_new(first, f"{found.name} {found.operator}", statement.span)
        return found

    found, failed = read_each(call.statements, expectation)
    bind(Expect, call.arguments or (), call.span, scope)
    if not call.statements:
        help = "write comparisons, such as parameters <= 100_000"
        raise scope.reject("NN223", "`expect` expects nothing", call.span, help=help)
    known_before = {expectation.is_static for expectation in found}
    if True in known_before and not after_descent:
        require(call, scope, tree, "network")
    if False in known_before and not after_descent:
        require(call, scope, tree, "train", "data")
    if failed:
        raise AnalysisError
    return tuple(found)


def check_static_expectations(
    expectations: tuple[Expectation, ...], spec: Spec, graph: Graph | None, diagnostics: Diagnostics
) -> None:
    """Report what does not hold, as far as that is known without a run."""
    if descent_names(spec.tree):
        return  # of a path nothing is known before
    for expectation in expectations:
        if not expectation.is_static:
            _check_metric(expectation, spec, diagnostics)
        elif graph is not None:
            found = STATIC[expectation.name](graph)
            if not expectation.holds(found):
                last = graph.output.producer
                is_shape = expectation.name in SHAPES and last is not None
                diagnostics.report(
                    "NN501",
                    f"expected `{expectation}`, found {show(found)}",
                    expectation.span,
                    *([Label(last.origin.span, "made here")] if last and is_shape else []),
                )


def known_before(graph: Graph) -> dict[str, int | Shape]:
    """Return what is known without a run, by the name that `expect` knows it by."""
    return {name: measure(graph) for name, measure in STATIC.items()}


def _check_metric(expectation: Expectation, spec: Spec, diagnostics: Diagnostics) -> None:
    """Report a name that means nothing, or that training does not measure."""
    before = len(diagnostics.diagnostics)
    check_metric_name(expectation.name, spec, expectation.name_span, diagnostics, PARTS)
    own = {one.keyword(): type(one) for head in spec.heads for one in head.metrics or ()}
    heads = [head.name for head in spec.named_heads]
    measured = find_metric(expectation.name, own=own, heads=heads)
    if measured is None or measured.metric is None or len(diagnostics.diagnostics) > before:
        return
    if spec.train is None or spec.data is None or spec.description.failed:
        return
    if expectation.name.partition("_")[2] not in reported_names(spec):
        word = measured.metric.keyword()
        where = spec.origins.get("train.metrics")
        diagnostics.report(
            "NN308",
            f"`{word}` is not measured, and `{expectation.name}` will not be known",
            expectation.name_span,
            *([Label(where.span, "what is measured")] if where else []),
            help=f"name it in `train`: metrics = [{word}]",
        )


def _expectation(statement: Statement, scope: Scope, after_descent: tuple[str, ...]) -> Expectation:
    """Return what a statement expects of a metric, or of what is known `after_descent`."""
    name = statement.name.text
    if not isinstance(statement, Comparison):
        wrong = "expected a comparison, name <= value, in `expect`"
        raise scope.reject("NN224", wrong, statement.span)
    if after_descent and name not in after_descent:
        wrong = f"`{name}` is not known after a descent: there are {', '.join(after_descent)}"
        name = scope.resolve_typo("NN308", wrong, statement.name, after_descent)
    own: Any = {word: scope.find(Metric.kind, word) for word in scope.own(Metric.kind)}
    if (
        not after_descent
        and name not in STATIC
        and find_metric(name, own=own, heads=scope.found.heads) is None
    ):
        known = [*STATIC, *metric_names()]
        name = scope.resolve_typo("NN308", f"unknown metric `{name}`", statement.name, known)
    measured = None if after_descent else find_metric(name, own=own, heads=scope.found.heads)
    is_own = BASELINE in scope.names  # a `let` of that name
    if not measured and not is_own and BASELINE in {n.name.text for n in names_in(statement.value)}:
        wrong = f"`{name}` has no baseline: that is what results have without a network"
        raise scope.reject("NN208", wrong, statement.value.span)
    if measured and not is_own:
        scope = replace(scope, names={**scope.names, BASELINE: _baseline(statement, scope)})
    formula = None
    if after_descent or name not in SHAPES:
        value = evaluate(statement.value, NUMBER, scope)
        formula = _formula(value, statement, scope)
        is_share = measured and measured.metric and measured.metric.is_share
        if is_share and formula is None and not 0 <= value <= 1:
            wrong = f"`{name}` is between 0 and 1, and here it is compared with {show(value)}"
            help = f"{value:g} % is {value / 100:g}" if 1 < value <= 100 else None
            raise scope.reject("NN209", wrong, statement.value.span, help=help)
    elif statement.operator in ("==", "!="):
        value = _shape(statement, scope)
    else:
        wrong = f"`{name}` is a shape, and shapes are compared with == or !="
        raise scope.reject("NN208", wrong, statement.span)
    written = print_value(statement.value) if formula is not None else ""
    return Expectation(
        name, statement.operator, value, statement.name.span, statement.span, formula, written
    )


def _baseline(statement: Comparison, scope: Scope) -> Binding:
    """Return the name for what the best answer without a network reaches: a number, some day."""
    sample = Number(0.6180339887, statement.value.span)
    name = Name(BASELINE, statement.value.span)
    return Binding(name, sample, scope, constant=BASELINE)


def _formula(value: float, statement: Comparison, scope: Scope) -> Expression | None:
    """Return how a number is made of the baseline, with the values of all other names."""
    binding = scope.names.get(BASELINE)
    if binding is None or not binding.used or binding.constant != BASELINE:
        return None
    if not isinstance(value, Symbolic):
        wrong = "this is too long to be calculated from the baseline"
        raise scope.reject("NN208", wrong, statement.value.span)
    lets = scope.names.values()
    numbers = {b.constant: number(plain(b.number)) for b in lets if b.number is not None}
    return transformed(value.tree, putting({n: v for n, v in numbers.items() if n != BASELINE}))


def _shape(statement: Comparison, scope: Scope) -> Shape:
    value = evaluate(statement.value, _SHAPE, scope)
    axes: tuple[Any, ...] = value if isinstance(value, tuple) else (value,)
    if not axes or not all(isinstance(a, int | float) and a == int(a) and a >= 1 for a in axes):
        wrong = f"expected a shape, such as (1, 28, 28), found {show_value(value)}"
        raise scope.reject("NN208", wrong, statement.value.span)
    return tuple(int(axis) for axis in axes)


def show(value: float | Shape) -> str:
    """Write a number or a shape as the language does."""
    return show_shape(value) if isinstance(value, tuple) else show_value(value)
