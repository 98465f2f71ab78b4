"""Recordings: what is written down while training."""

from __future__ import annotations

from nndsl.analysis.evaluate import bind
from nndsl.analysis.experiments import require
from nndsl.analysis.scope import AnalysisError, Scope
from nndsl.diagnostics import Label
from nndsl.source import Span
from nndsl.syntax.ast import Call, Statement, Tree
from nndsl.vocabulary import registry
from nndsl.vocabulary.instrument import Instrument
from nndsl.vocabulary.sections.record import Record


def read(call: Call, scope: Scope, tree: Tree) -> tuple[Instrument, ...]:
    """Return the instruments. AnalysisError where one is wrong; all are reported."""
    require(call, scope, tree, "train")
    assert call.body is not None
    found: list[Instrument] = []
    first: dict[str, Span] = {}
    failed = False
    for statement in call.body.statements:
        name = statement.name
        try:
            found.append(_instrument(statement, scope))
            if name.text in first:
                there = Label(first[name.text], "first given here")
                raise scope.reject("NN203", f"`{name.text}` is given twice", name.span, there)
            first[name.text] = name.span
        except AnalysisError:
            failed = True
    bind(Record, call.arguments or (), call.span, scope)
    known = ", ".join(registry.names(Instrument.kind))
    if not call.body.statements:
        raise scope.reject(
            "NN223", "`record` records nothing", call.span, help=f"there are {known}"
        )
    if failed:
        raise AnalysisError
    return tuple(found)


def _instrument(statement: Statement, scope: Scope) -> Instrument:
    name = statement.name
    if not isinstance(statement, Call):
        raise scope.reject("NN224", "expected an instrument in `record`", statement.span)
    word = registry.search(Instrument, name.text)
    if word is None:
        known = registry.names(Instrument.kind)
        close = scope.resolve_typo("NN201", f"unknown instrument `{name.text}`", name, known)
        word = registry.get(Instrument, close)
    if statement.body is not None:
        raise scope.reject("NN222", f"`{name.text}` takes no body", statement.body.span)
    return bind(word, statement.arguments or (), statement.span, scope)
