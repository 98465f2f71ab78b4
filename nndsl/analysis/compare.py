"""Comparisons: variants of the spec, side by side."""

from __future__ import annotations

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
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.section import Section
from nndsl.vocabulary.sections.compare import Compare

MAX_VARIANTS = 100


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
        body = ast.Body(comparisons, self.body.span)
        return (
            ast.Call(ast.Name("expect", self.name.span), None, body, self.name.span)
            if comparisons
            else None
        )


@record
class Comparing:
    """A comparison as it will be run: every variant with every seed."""

    settings: Compare
    variants: tuple[Variant, ...]


def read(call: ast.Call, scope: Scope, tree: ast.Tree) -> Comparing:
    """Return what a comparison means. AnalysisError where it is wrong; all is reported."""
    section = subject(tree)
    require(call, scope, tree, *(("train", "data") if section == "train" else ()))
    assert call.body is not None
    variants: dict[str, Variant] = {}
    for statement in call.body.statements:
        declaration = _declaration(statement, scope)
        if declaration is None or declaration.body is None:
            continue
        name = declaration.name
        if name.text in variants:
            scope.diagnostics.error(
                "NN203",
                f"variant `{name.text}` is defined twice",
                name.span,
                Label(variants[name.text].name.span, "first defined here"),
            )
        else:
            values = _values(declaration.body, name, section, scope)
            variant = Variant(name, values, declaration.body)
            variants[name.text] = _with_expectations(variant, scope, tree)
    if not call.body.statements:
        help = "write variant NAME { … }"
        raise scope.reject("NN223", "`compare` has no variants", call.span, help=help)
    if len(variants) > MAX_VARIANTS:
        raise scope.reject("NN213", f"more than {MAX_VARIANTS} variants", call.name.span)
    settings = bind(Compare, call.arguments or (), call.span, scope)
    if section == "minimize" and settings.model_fields_set:
        wrong = "a descent knows no chance, and so no seeds"
        scope.diagnostics.error("NN221", wrong, (call.arguments or (call,))[0].span)
    return Comparing(settings, tuple(variants.values()))


def _declaration(statement: ast.Statement, scope: Scope) -> ast.Declaration | None:
    """Return a statement that is a variant; what else it is, is reported."""
    form = "variant NAME { … }"
    if not isinstance(statement, ast.Declaration):
        scope.diagnostics.error(
            "NN224", f"expected a variant, {form}, in `compare`", statement.span
        )
    elif statement.word.text != "variant":
        wrong = f"unknown declaration `{statement.word.text}` in `compare`"
        with suppress(AnalysisError):
            word = ast.Name(
                scope.resolve_typo("NN220", wrong, statement.word, ["variant"]), statement.word.span
            )
            return _declaration(replace(statement, word=word), scope)
    elif statement.body is None or statement.arguments:
        scope.diagnostics.error("NN224", f"a variant is written {form}", statement.span)
    else:
        return statement
    return None


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
    first: dict[str, ast.Name] = {}
    for statement in body.statements:
        name = statement.name
        if isinstance(statement, ast.Comparison):
            mark_used(statement.value, scope)
            continue
        if not isinstance(statement, ast.Setting):
            wrong = (
                f"expected a setting, name = value, or a comparison, name <= value, "
                f"in variant `{variant.text}`"
            )
            scope.diagnostics.error("NN224", wrong, statement.span)
        elif name.text in first:
            there = Label(first[name.text].span, "first given here")
            scope.diagnostics.error("NN203", f"`{name.text}` is given twice", name.span, there)
        else:
            with suppress(AnalysisError):
                values[_path(name, section, settings, scope)] = statement.value
        first.setdefault(name.text, name)
        if isinstance(statement, ast.Setting):
            mark_used(statement.value, scope)
    return values
