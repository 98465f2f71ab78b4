"""Do the variants of a comparison, and the values of a search, make a spec without errors?"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from nndsl.analysis.compare import ComparisonSpec, with_fold
from nndsl.analysis.graph import Graph
from nndsl.analysis.network import MAX_LAYERS
from nndsl.analysis.override import override
from nndsl.analysis.scope import AnalysisError
from nndsl.analysis.search import SearchSpec
from nndsl.diagnostics import Diagnostic, Diagnostics, Label, Severity
from nndsl.source import Span
from nndsl.syntax.ast import Call, Tree, Value

RUNS = ("compare", "search", "record", "expect")  # what an overridden spec leaves out
MAX_WORK = 10 * MAX_LAYERS  # layers of all variants together


class Result(Protocol):
    """What an analysis returns, as far as it matters here."""

    @property
    def graph(self) -> Graph | None: ...


Analyse = Callable[[Tree, Diagnostics], Result]


class Variants:
    """Analyses overridden specs, and reports what the spec itself did not have wrong."""

    def __init__(self, tree: Tree, diagnostics: Diagnostics, analyse: Analyse) -> None:
        statements = tuple(s for s in tree.statements if s.name.text not in RUNS)
        self._tree = replace(tree, statements=statements)
        self._diagnostics = diagnostics
        self._analyse = analyse
        self._known = {_key(diagnostic) for diagnostic in diagnostics.diagnostics}
        self._work = 0

    def compare(self, comparing: ComparisonSpec) -> None:
        """Check every variant of a comparison."""
        folds = comparing.settings.folds
        for variant in comparing.variants:
            name, values = variant.name, variant.values
            if folds is not None:
                with suppress(AnalysisError):
                    data = with_fold(override(self._tree, values)[0], 1, folds)
                    values = {**values, "data": data}
            for error in self._errors(values, name.span, variant.expect):
                self._report(error, variant.body.span, name.span, f"variant `{name.text}`")

    def search(self, searching: SearchSpec) -> None:
        """Check every listed value; shapes depend on several names at once and are left alone."""
        for name, value in searching.listed:
            for error in self._errors({name: value}, value.span):
                if error.code.startswith("NN2"):
                    self._report(error, value.span, value.span, f"this value of `{name}`")

    def _errors(
        self, values: Mapping[str, Value], where: Span, expect: Call | None = None
    ) -> list[Diagnostic]:
        if self._work > MAX_WORK:
            message = f"the variants have more than {MAX_WORK:_} layers together"
            self._diagnostics.report("NN213", message, where)
        if self._work > MAX_WORK or not (values or expect):
            return []
        found = Diagnostics()
        tree, _ = override(self._tree, values)
        if expect is not None:
            tree = replace(tree, statements=(*tree.statements, expect))
        graph = self._analyse(tree, found).graph
        too_large = any(error.code == "NN213" for error in found.diagnostics)
        self._work += len(graph.nodes) if graph else 1 + too_large * MAX_LAYERS
        return [
            error
            for error in found.diagnostics
            if error.severity is Severity.ERROR and _key(error) not in self._known
        ]

    def _report(self, error: Diagnostic, inside: Span, otherwise: Span, what: str) -> None:
        span = error.span
        if span.source is inside.source and inside.start <= span.start and span.end <= inside.end:
            self._diagnostics.report(
                error.code, error.message, span, *error.labels, help=error.help
            )
        else:
            message = f"{what}: {error.message}"
            labels = (Label(span, "here"), *error.labels)
            self._diagnostics.report(error.code, message, otherwise, *labels, help=error.help)


def _key(diagnostic: Diagnostic) -> tuple[str, Span]:
    return diagnostic.code, diagnostic.span
