"""The front half of the compiler in one call: from a source to a checked spec and its graph."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from nndsl.analysis.cascades import drop_cascades
from nndsl.analysis.graph import Graph
from nndsl.analysis.imports import read_tree, with_imports
from nndsl.analysis.metrics import check_metric_name
from nndsl.analysis.override import override
from nndsl.analysis.resolve import resolve
from nndsl.analysis.reuse import Reuse
from nndsl.analysis.spec import Spec
from nndsl.analysis.suggest import suggestion
from nndsl.analysis.targets import check_training, fit_training
from nndsl.analysis.toplevel import correct_typos, without_experiments
from nndsl.analysis.weights_files import check_weights_files
from nndsl.data import Description
from nndsl.diagnostics import Diagnostics, TooManyFindings
from nndsl.record import record
from nndsl.source import Source, Span
from nndsl.syntax.ast import Call, Declaration, Setting, Tree
from nndsl.syntax.parser import parse_value
from nndsl.vocabulary import registry
from nndsl.vocabulary.section import Section

if TYPE_CHECKING:
    from nndsl.analysis.variants import Analyse

_MAX_SHOWN = 60  # characters of an option


@record
class Checked:
    """A spec and its graph; each is None where errors kept it from being made."""

    tree: Tree | None
    spec: Spec | None
    graph: Graph | None
    diagnostics: Diagnostics = field(compare=False, repr=False)

    @property
    def minimizes(self) -> bool:
        """Whether the spec minimizes a formula, and trains no network."""
        return self.spec is not None and bool(self.spec.experiments.get("minimize"))

    @property
    def network(self) -> tuple[Spec, Graph]:
        """The spec and the graph of a page that holds a network, and no errors."""
        assert self.spec is not None
        assert self.graph is not None
        return self.spec, self.graph


def analyse(
    source: Source,
    diagnostics: Diagnostics | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    alone: bool = False,
    known: Description | None = None,
) -> Checked:
    """Check a spec. Whatever is wrong is recorded in the `diagnostics` of what comes back.

    `settings` are values from outside (`--set`) by the name of a `let` or the path of a setting
    (`train.epochs`): numbers, or texts of the language. `alone` leaves experiments aside: the spec
    is one of their trainings. `known` is what there is to know of the data, none of which is read
    then.
    """
    diagnostics = Diagnostics() if diagnostics is None else diagnostics
    tree = read_tree(source, diagnostics)
    if tree is None:
        return Checked(None, None, None, diagnostics)
    diagnostics.editable = None if source.is_json else source
    of_syntax = len(diagnostics.diagnostics)
    checked = Checked(tree, None, None, diagnostics)
    with suppress(TooManyFindings):
        tree = with_imports(correct_typos(tree, diagnostics), diagnostics)
        if settings:
            tree = _with_settings(tree, settings, diagnostics)
        checked = analyse_tree(without_experiments(tree) if alone else tree, diagnostics, known)
    if alone and checked.spec is not None:
        checked = replace(checked, spec=replace(checked.spec, tree=tree))
    drop_cascades(tree, diagnostics, of_syntax)
    return checked


def analyse_tree(
    tree: Tree,
    diagnostics: Diagnostics,
    known: Description | None = None,
    *,
    named: bool = True,
    reuse: Reuse | None = None,
) -> Checked:
    """Check a spec that is a tree already. `known`: see `analyse`.

    Unless it is `named`, its numbers forget by what names a script would write them. A variant of
    another tree may `reuse` what was found out for that.
    """
    reuse = Reuse() if reuse is None else reuse
    if not tree.statements and not tree.complete:
        return Checked(tree, None, None, diagnostics)
    if not tree.statements:
        diagnostics.report(
            "NN226",
            "the spec is empty",
            Span(tree.source, 0, 0),
            help="`nndsl new NAME` writes one to begin with",
        )
        return Checked(tree, None, None, diagnostics)
    with suppress(TooManyFindings):
        spec = resolve(tree, diagnostics, known, named=named, reuse=reuse)
        graph = reuse.graph(spec, diagnostics)
        if graph is not None:
            spec = fit_training(spec, graph, diagnostics)
            check_training(spec, graph, diagnostics)
            check_weights_files(spec, graph, diagnostics)
        of_variant = partial(analyse_tree, named=named, reuse=reuse)
        _check_experiments(tree, spec, graph, diagnostics, of_variant)
        return Checked(tree, spec, graph, diagnostics)
    return Checked(tree, None, None, diagnostics)


def _check_experiments(
    tree: Tree, spec: Spec, graph: Graph | None, diagnostics: Diagnostics, of_variant: Analyse
) -> None:
    """Report what is wrong with experiments beyond their own words."""
    experiments = {name: found for name, found in spec.experiments.items() if found is not None}
    if expectations := experiments.get("expect"):
        from nndsl.analysis.expect import check_static_expectations

        check_static_expectations(expectations, spec, graph, diagnostics)
    comparing, searching = experiments.get("compare"), experiments.get("search")
    if comparing or searching:
        from nndsl.analysis.variants import Variants

        variants = Variants(tree, diagnostics, of_variant)
        if searching:
            check_metric_name(searching.settings.metric, spec, searching.metric_span, diagnostics)
            variants.search(searching)
        if comparing:
            variants.compare(comparing)


def _with_settings(tree: Tree, settings: Mapping[str, Any], diagnostics: Diagnostics) -> Tree:
    values = {}
    for path, given in settings.items():
        text = str(given).lower() if isinstance(given, bool) else str(given)
        value = parse_value(_as_option(f"{path}={text}", text), diagnostics)
        if value is not None:
            values[path] = value
    tree, missing = override(tree, values)
    for path in missing if tree.complete else ():
        given = f"{path}={settings[path]}"
        named = _as_option(given, given)
        wrong = f"the spec has no `let {path}` and no setting of this name"
        diagnostics.report("NN206", wrong, Span(named, 0, len(path)), help=_meant(path, tree))
    return tree


def _as_option(given: str, text: str) -> Source:
    """Return a part of what `--set` was given as a source."""
    shown = given if len(given) <= _MAX_SHOWN else f"{given[: _MAX_SHOWN - 1]}…"
    return Source(f"--set {shown}", text, is_option=True)


def _meant(path: str, tree: Tree) -> str:
    """Return which name from outside is meant by one that the spec does not have."""
    known: list[str] = []
    for statement in tree.statements:
        if isinstance(statement, Setting | Declaration) and statement.value is not None:
            known.append(statement.name.text)
        word = registry.find(Section.kind, statement.name.text)
        if isinstance(statement, Call) and word is not None:
            known += [f"{statement.name.text}.{setting}" for setting in word.model_fields]
    close = next((name for name in known if name.endswith(f".{path}")), suggestion(path, known))
    if close:
        return f"did you mean `{close}`?"
    return "a setting of a section is written with its section: train.epochs"
