"""Searches: names of the spec, and the values that they may take."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nndsl.analysis.evaluate import bind, evaluate, evaluate_number
from nndsl.analysis.experiments import require
from nndsl.analysis.messages import show_value
from nndsl.analysis.scope import AnalysisError, Binding, Scope, mark_used, read_each
from nndsl.analysis.slots import Slot, slots
from nndsl.diagnostics import Diagnostics, Label
from nndsl.record import record
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary.range import Range
from nndsl.vocabulary.sections.search import Search

MAX_VALUES = 1000


@record
class SearchSpec:
    """A search as it will be run. `metric_span` is where its metric is named."""

    settings: Search
    ranges: Mapping[str, Range]
    metric_span: Span

    @property
    def listed(self) -> list[tuple[str, ast.Value]]:
        """The values that are listed one by one, each with the name that may take it."""
        return [
            (name, value)
            for name, range_ in self.ranges.items()
            if not range_.numeric
            for field in type(range_).model_fields
            if slots(type(range_))[field].unevaluated
            for value in getattr(range_, field)
        ]


def read(call: ast.Call, scope: Scope, tree: ast.Tree) -> SearchSpec:
    """Return what a search means. AnalysisError where it is wrong; all is reported."""
    require(call, scope, tree, "train", "data")
    if not call.statements:
        help = "write name = range, where the name is a `let` of this spec"
        raise scope.reject("NN223", "`search` has no names to search over", call.span, help=help)
    first: dict[str, Span] = {}

    def named(statement: ast.Statement) -> tuple[str, Range]:
        name = statement.name
        if not isinstance(statement, ast.Setting):
            wrong = "expected a name and its range, name = range, in `search`"
            raise scope.reject("NN224", wrong, statement.span)
        scope.require_new(first, name.text, name.span)
        return name.text, _range(statement, scope)

    ranges, failed = read_each(call.statements, named)
    settings = bind(Search, call.arguments or (), call.span, scope)
    if failed:
        raise AnalysisError
    found = SearchSpec(settings, dict(ranges), _metric_span(call))
    if len(found.listed) > MAX_VALUES:
        raise scope.reject("NN213", f"more than {MAX_VALUES} values to choose from", call.name.span)
    return found


def _range(setting: ast.Setting, scope: Scope) -> Range:
    name = setting.name.text
    lets = [let for let in scope.names if let not in scope.found.sizes]
    if name not in lets:
        help = f"write let {name} = …, and use it" if not lets else None
        if name in Search.model_fields:
            help = f"it stands in the parentheses: search({name}=…)"
        wrong = f"the spec has no `let {name}` to search over"
        name = scope.resolve_typo("NN201", wrong, setting.name, lets, help=help)
    binding = scope.names[name]
    found: Any = evaluate(setting.value, Slot(kinds=(Range.kind,)), scope)
    if not isinstance(found, Range):
        wrong = f"expected a range, found {show_value(found)}"
        raise scope.reject("NN208", wrong, setting.value.span)
    if found.numeric:
        _check_numeric(setting, binding, found, scope)
    else:
        mark_used(setting.value, scope)
    return found


def _check_numeric(setting: ast.Setting, binding: Binding, found: Range, scope: Scope) -> None:
    aside = replace(scope, diagnostics=Diagnostics())
    try:
        evaluate_number(binding.value, aside)
    except AnalysisError:
        if scope.diagnostics.failed:  # the `let` may be what is wrong
            raise
        raise scope.reject(
            "NN208",
            f"`{found.keyword()}` gives numbers, and `{setting.name.text}` is none",
            setting.name.span,
            Label(binding.value.span, "its value"),
        ) from None


def _metric_span(call: ast.Call) -> Span:
    named = [a for a in call.arguments or () if a.name is not None and a.name.text == "metric"]
    return named[0].value.span if named else call.name.span
