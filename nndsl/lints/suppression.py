"""Warnings that are allowed: by a comment in the spec, by the project, or by the user.

`# nndsl: allow NN431` allows the warning NN431 on its line; where nothing else stands on that line,
on the next one that holds something. Several codes are separated by commas, and a reason may
follow. `[tool.nndsl] ignore = ["NN431"]` in the nearest pyproject.toml that has such a table
allows it in all specs of its folder and below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from nndsl.analysis.fixes import fix
from nndsl.analysis.suggest import suggestion
from nndsl.diagnostics import Diagnostic, Diagnostics, Edit, Fix, Severity
from nndsl.source import Source, Span

if TYPE_CHECKING:
    from nndsl.syntax.ast import Comment, Tree

_DIRECTIVE = re.compile(r"#+\s*nndsl:\s*(\w*)")
_ALLOWANCE = re.compile(r"[ \t]*#+\s*nndsl:\s*allow\b.*")
_CODE = re.compile(r"[\s,]*([Nn]{2}\d\w*)")


class Suppression(NamedTuple):
    """A code as someone wrote it, and where."""

    code: str
    span: Span


def without_allowances(text: str) -> str:
    """Return a page without what allows warnings: it is for its writer, and not for its readers."""
    return _ALLOWANCE.sub("", text)


def on_command_line(code: str) -> Suppression:
    """Return a code that the user ignores."""
    return Suppression(code, Span(Source(f"--ignore {code}", code, is_option=True), 0, len(code)))


def apply_suppressions(
    tree: Tree, diagnostics: Diagnostics, everywhere: Iterable[Suppression]
) -> None:
    """Drop the warnings that are allowed, and warn of an allowance that means nothing.

    `everywhere` is what the user and the project allow; the comments of the tree allow more.
    """
    on_lines: dict[tuple[Source, int], set[str]] = {}
    for comment in tree.comments:
        for allowed in _codes(comment, diagnostics):
            if _is_known(allowed, diagnostics):
                place = comment.span.source, _line(comment)
                on_lines.setdefault(place, set()).add(allowed.code)
    codes = {allowed.code for allowed in everywhere if _is_known(allowed, diagnostics)}
    if codes or on_lines:
        diagnostics.diagnostics = [
            diagnostic
            for diagnostic in diagnostics.diagnostics
            if not _is_suppressed(diagnostic, codes, on_lines)
        ]


def warn(
    diagnostics: Diagnostics,
    message: str,
    span: Span,
    help: str | None = None,
    fixes: tuple[Fix, ...] = (),
) -> None:
    """Warn of an allowance that means nothing."""
    diagnostics.report("NN402", message, span, help=help, severity=Severity.WARNING, fixes=fixes)


def _is_suppressed(
    diagnostic: Diagnostic, codes: set[str], on_lines: dict[tuple[Source, int], set[str]]
) -> bool:
    if diagnostic.severity is not Severity.WARNING:
        return False
    if diagnostic.code in codes:
        return True
    span = diagnostic.span
    lines = {span.line, span.source.position(span.end)[0]}
    return any(diagnostic.code in on_lines.get((span.source, line), ()) for line in lines)


def _codes(comment: Comment, diagnostics: Diagnostics) -> Iterator[Suppression]:
    directive = _DIRECTIVE.match(comment.text)
    if directive is None:
        return
    if directive[1] != "allow":
        if suggestion(directive[1], ["allow"]) or _CODE.match(comment.text, directive.end()):
            wrong = f"`nndsl:` knows no `{directive[1]}`"
            warn(diagnostics, wrong, comment.span, "write # nndsl: allow NN431")
        return
    position = directive.end()
    while code := _CODE.match(comment.text, position):
        start = comment.span.start + code.start(1)
        yield Suppression(code[1], Span(comment.span.source, start, start + len(code[1])))
        position = code.end()
    if position == directive.end():
        warn(diagnostics, "this allows nothing", comment.span, "write # nndsl: allow NN431")


def _line(comment: Comment) -> int:
    """Return the number of the line that a comment speaks about."""
    source, line = comment.span.source, comment.span.line
    if comment.trailing:
        return line
    for following in range(line + 1, len(source.line_starts) + 1):
        text = source.line(following).strip()
        if text and not text.startswith("#"):
            return following
    return line


def _is_known(allowed: Suppression, diagnostics: Diagnostics) -> bool:
    from nndsl.lints.table import LINTS

    if allowed.code in LINTS:
        return True
    from nndsl.codes import codes_of_errors

    if allowed.code in codes_of_errors():
        wrong = f"{allowed.code} is an error, and only warnings can be allowed"
        warn(diagnostics, wrong, allowed.span)
    else:
        other = allowed.code.upper()
        wrong = f"there is no code {allowed.code}"
        if other in LINTS:
            fixes = fix(f"write {other}", Edit(allowed.span, other), safe=True)
            warn(diagnostics, wrong, allowed.span, f"did you mean {other}?", fixes)
        else:
            warn(diagnostics, wrong, allowed.span, "a warning shows its code: NN431")
    return False
