"""Comparisons: variants of the spec, side by side."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from nndsl.analysis import expect
from nndsl.analysis.evaluate import bind
from nndsl.analysis.expect import Expectation
from nndsl.analysis.experiments import require, subject
from nndsl.analysis.scope import AnalysisError, Binding, Scope, mark_used
from nndsl.diagnostics import Label
from nndsl.record import record
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.section import Section
from nndsl.vocabulary.sections.compare import Compare

MAX_VARIANTS = 100
_HELD_BACK = ("validation", "fold")  # arguments of data that a fold takes the place of


@record
class Variant:
    """What one variant overrides: values by path, as `override` takes them; what it must reach."""

    name: ast.Name
    values: Mapping[str, ast.Value]
    body: ast.Body
    expectations: tuple[Expectation, ...] = ()

    @property
    def expect(self) -> ast.Call | None:
        """The comparisons of its body as a section of a spec; None where it has none."""
        comparisons = tuple(s for s in self.body.statements if isinstance(s, ast.Comparison))
        if not comparisons:
            return None
        name, body = ast.Name("expect", self.name.span), ast.Body(comparisons, self.body.span)
        return ast.Call(name, None, body, self.name.span)


@record
class ComparisonSpec:
    """A comparison as it will be run: every variant with every seed."""

    settings: Compare
    variants: tuple[Variant, ...]


def read(call: ast.Call, scope: Scope, tree: ast.Tree) -> ComparisonSpec:
    """Return what a comparison means. AnalysisError where it is wrong; all is reported."""
    section = subject(tree)
    require(call, scope, tree, *(("train", "data") if section == "train" else ()))
    variants: dict[str, Variant] = {}
    for statement in call.statements:
        with suppress(AnalysisError):
            name, body = _declaration(statement, scope)
            if name.text in variants:
                there = Label(variants[name.text].name.span, "first defined here")
                wrong = f"variant `{name.text}` is defined twice"
                raise scope.reject("NN203", wrong, name.span, there)
            variant = Variant(name, _values(body, name, section, scope), body)
            variants[name.text] = _with_expectations(variant, scope, tree)
    if not call.statements:
        help = "write variant NAME { … }"
        raise scope.reject("NN223", "`compare` has no variants", call.span, help=help)
    if len(variants) > MAX_VARIANTS:
        raise scope.reject("NN213", f"more than {MAX_VARIANTS} variants", call.name.span)
    settings = bind(Compare, call.arguments or (), call.span, scope)
    if section == "minimize" and settings.model_fields_set:
        wrong = "a descent knows no chance, and so neither seeds nor folds"
        scope.diagnostics.report("NN221", wrong, (call.arguments or (call,))[0].span)
    return ComparisonSpec(settings, tuple(variants.values()))


def with_fold(tree: ast.Tree, number: int, folds: int) -> ast.Value:
    """Return the data of a spec whose validation part is one of so many folds."""
    named = {s.name.text: s.value for s in tree.statements if isinstance(s, ast.Declaration)}
    settings = (s for s in tree.statements if isinstance(s, ast.Setting))
    value: ast.Value | None = next((s.value for s in settings if s.name.text == "data"), None)
    while isinstance(value, ast.Group) or (
        isinstance(value, ast.Reference) and named.get(value.name.text) is not None
    ):
        value = value.inner if isinstance(value, ast.Group) else named[value.name.text]
    if not isinstance(value, ast.Reference):
        raise AnalysisError  # it is no data, which was said
    span = value.span
    fold = ast.Sequence(tuple(ast.Number(n, span) for n in (number, folds)), False, span)
    others = (a for a in value.arguments or () if not a.name or a.name.text not in _HELD_BACK)
    return replace(value, arguments=(*others, ast.Argument(ast.Name("fold", span), fold, span)))


def _declaration(statement: ast.Statement, scope: Scope) -> tuple[ast.Name, ast.Body]:
    """Return the name and the body of a variant. AnalysisError where a statement is none."""
    form = "variant NAME { … }"
    if not isinstance(statement, ast.Declaration):
        wrong = f"expected a variant, {form}, in `compare`"
        raise scope.reject("NN224", wrong, statement.span)
    if statement.word.text != "variant":
        wrong = f"unknown declaration `{statement.word.text}` in `compare`"
        scope.resolve_typo("NN220", wrong, statement.word, ["variant"])
    if statement.body is None or statement.arguments:
        raise scope.reject("NN224", f"a variant is written {form}", statement.span)
    return statement.name, statement.body


def _path(name: ast.Name, section: str, settings: list[str], scope: Scope) -> str:
    """Return the path of what a variant overrides. AnalysisError if it is unknown."""
    known = [*scope.names, *settings, "data"]
    what = name.text
    if what not in known:
        wrong = (
            f"a variant has no setting `{what}`: it overrides a `let`, a setting of `{section}`, "
            "or `data`"
        )
        what = scope.resolve_typo("NN202", wrong, name, known)
    return what if what in scope.names or what == "data" else f"{section}.{what}"


def _with_expectations(variant: Variant, scope: Scope, tree: ast.Tree) -> Variant:
    """Return the variant with what its comparisons mean; what is wrong with them is reported."""
    section = variant.expect
    if section is not None:
        own = {
            name: Binding(variant.name, value, scope)
            for name, value in variant.values.items()
            if name in scope.names
        }
        with suppress(AnalysisError):
            found = expect.read(section, replace(scope, names={**scope.names, **own}), tree)
            return replace(variant, expectations=found)
    return variant


def _values(body: ast.Body, variant: ast.Name, section: str, scope: Scope) -> dict[str, ast.Value]:
    settings = list(registry.get(Section, section).model_fields)
    values: dict[str, ast.Value] = {}
    first: dict[str, Span] = {}
    for statement in body.statements:
        name = statement.name
        if isinstance(statement, ast.Comparison):
            mark_used(statement.value, scope)
        elif not isinstance(statement, ast.Setting):
            wrong = (
                f"expected a setting, name = value, or a comparison, name <= value, "
                f"in variant `{variant.text}`"
            )
            scope.diagnostics.report("NN224", wrong, statement.span)
            first.setdefault(name.text, name.span)
        else:
            with suppress(AnalysisError):
                scope.require_new(first, name.text, name.span)
                values[_path(name, section, settings, scope)] = statement.value
            mark_used(statement.value, scope)
    return values
