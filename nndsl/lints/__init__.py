"""Lints: mistakes that do not crash. Each stands in a file that `table` names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostic, Diagnostics, Severity, TooManyFindings

if TYPE_CHECKING:
    from nndsl.analysis.compile import Checked
    from nndsl.lints.context import Finding
    from nndsl.source import Source
    from nndsl.syntax.ast import Tree


def check(
    source: Source, settings: Mapping[str, Any], ignored: Iterable[str] = ()
) -> list[Diagnostic]:
    """Return everything that is wrong with a spec, in the order of its text.

    `ignored` are codes of warnings that are not wanted.
    """
    diagnostics = Diagnostics()
    checked = analyse(source, diagnostics, settings)
    lint(checked, diagnostics, ignored)
    return sorted(diagnostics.diagnostics, key=lambda diagnostic: diagnostic.span.start)


def lint(checked: Checked, diagnostics: Diagnostics, ignored: Iterable[str] = ()) -> None:
    """Warn of mistakes that do not crash; leave out what is allowed.

    Beside errors stand those alone that concern neither the network nor what is wrong. Allowed is
    what the spec allows in a comment, the project in its pyproject.toml, and the user in `ignored`.
    """
    with suppress(TooManyFindings):
        for code, (message, where, help, labels, fixes) in list(_found(checked, diagnostics)):
            diagnostics.report(
                code, message, where, *labels, help=help, severity=Severity.WARNING, fixes=fixes
            )
    if checked.tree is not None and not diagnostics.is_full:
        with suppress(TooManyFindings):
            _leave_out_allowed(checked.tree, diagnostics, ignored)


def _leave_out_allowed(tree: Tree, diagnostics: Diagnostics, ignored: Iterable[str]) -> None:
    from nndsl.lints.project import project_of

    of_project = project_of(tree.source.path, diagnostics) if tree.source.path else []
    if ignored or of_project or any("nndsl" in comment.text for comment in tree.comments):
        from nndsl.lints.suppression import apply_suppressions, on_command_line

        everywhere = [*map(on_command_line, ignored), *of_project]
        apply_suppressions(tree, diagnostics, everywhere)


def _found(checked: Checked, diagnostics: Diagnostics) -> Iterator[tuple[str, Finding]]:
    if checked.spec is None or not checked.spec.tree.complete:
        return
    from nndsl.lints.context import LintContext, SpecContext
    from nndsl.lints.table import OF_THE_NETWORK, OF_THE_SPEC

    context = SpecContext(checked.spec)
    for code, lint_of_spec in OF_THE_SPEC.items():
        yield from ((code, found) for found in lint_of_spec.rule(context))
    if checked.graph is not None and not diagnostics.failed:
        whole = LintContext(checked.spec, checked.graph)
        for code, lint_of_network in OF_THE_NETWORK.items():
            yield from ((code, found) for found in lint_of_network.rule(whole))
