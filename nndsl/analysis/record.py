"""Recordings: what is written down while training."""

from nndsl.analysis.evaluate import bind
from nndsl.analysis.experiments import require
from nndsl.analysis.scope import AnalysisError, Scope, read_each
from nndsl.source import Span
from nndsl.syntax.ast import Call, Statement, Tree
from nndsl.vocabulary import registry
from nndsl.vocabulary.instrument import Instrument
from nndsl.vocabulary.sections.record import Record


def read(call: Call, scope: Scope, tree: Tree) -> tuple[Instrument, ...]:
    """Return the instruments. AnalysisError where one is wrong; all are reported."""
    require(call, scope, tree, "train")
    first: dict[str, Span] = {}

    def instrument(statement: Statement) -> Instrument:
        found = _instrument(statement, scope)
        scope.require_new(first, statement.name.text, statement.name.span)
        return found

    found, failed = read_each(call.statements, instrument)
    bind(Record, call.arguments or (), call.span, scope)
    if not call.statements:
        help = f"there are {', '.join(registry.names(Instrument.kind))}"
        raise scope.reject("NN223", "`record` records nothing", call.span, help=help)
    if failed:
        raise AnalysisError
    return tuple(found)


def _instrument(statement: Statement, scope: Scope) -> Instrument:
    name = statement.name
    if not isinstance(statement, Call):
        raise scope.reject("NN224", "expected an instrument in `record`", statement.span)
    word = registry.lookup(Instrument, name.text)
    if word is None:
        known = registry.names(Instrument.kind)
        close = scope.resolve_typo("NN201", f"unknown instrument `{name.text}`", name, known)
        word = registry.get(Instrument, close)
    if statement.body is not None:
        raise scope.reject("NN222", f"`{name.text}` takes no body", statement.body.span)
    return bind(word, statement.arguments or (), statement.span, scope)
