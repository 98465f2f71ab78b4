"""Lints: mistakes that do not crash. Each is a function, entered in `nndsl.lints.table`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostic, Findings, Severity

if TYPE_CHECKING:
    from nndsl.analysis.compile import Checked
    from nndsl.source import Source


def check(
    source: Source, settings: Mapping[str, Any], ignored: Iterable[str] = ()
) -> list[Diagnostic]:
    """Return everything that is wrong with a spec, in the order of its text.

    `ignored` are codes of warnings that are not wanted.
    """
    findings = Findings()
    checked = analyse(source, findings, settings)
    lint(checked, findings, ignored)
    return sorted(findings.diagnostics, key=lambda diagnostic: diagnostic.span.start)


def lint(checked: Checked, findings: Findings, ignored: Iterable[str] = ()) -> None:
    """Warn of mistakes that do not crash, where there are no errors; leave out what is allowed.

    Allowed is what the spec allows in a comment, the project in its pyproject.toml, and the user
    in `ignored`.
    """
    if checked.spec is not None and checked.graph is not None and not findings.failed:
        from nndsl.lints.context import LintContext
        from nndsl.lints.table import LINTS

        context = LintContext(checked.spec, checked.graph)
        for code, rule in LINTS.items():
            for message, where, help, labels, fixes in rule(context):
                findings.error(
                    code,
                    message,
                    where,
                    *labels,
                    help=help,
                    severity=Severity.WARNING,
                    fixes=fixes,
                )
    if checked.tree is not None:
        from nndsl.lints.allowance import leave_out_allowed

        leave_out_allowed(checked.tree, findings, ignored)
