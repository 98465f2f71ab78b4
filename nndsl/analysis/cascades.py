"""Drops diagnostics that only follow from others, so that each mistake is said once."""

import re

from nndsl.analysis.toplevel import IMPORT, OWN_KINDS, unknown_statements
from nndsl.diagnostics import Diagnostic, Diagnostics, Label
from nndsl.source import Source
from nndsl.syntax.ast import Declaration, Tree

_SYNTAX = "NN1"
_UNKNOWN_NAME = ("NN201", "NN202", "NN206")


def drop_cascades(tree: Tree, diagnostics: Diagnostics, first: int) -> None:
    """Drop findings, from the index `first` on, of what another error may be the reason for.

    These are findings in lines that could not be read, unknown names that such a line, or a
    statement without a meaning, may define, and what was said before of the same `let`.
    """
    lines: set[tuple[Source, int]] = set()
    names: set[str] = set()
    for span in tree.unread:
        last = max(span.line, span.source.position(span.end)[0] - 1)
        lines |= {(span.source, line) for line in range(span.line, last + 1)}
        names |= set(re.findall(r"[A-Za-z_]\w*", span.text))
    # The name of a definition, so that it may be any.
    lost = any(statement.name.text == IMPORT for statement in tree.statements)
    for statement in unknown_statements(tree):
        names.add(statement.name.text)
        if isinstance(statement, Declaration):
            names.add(statement.word.text)
        else:
            lost |= statement.name.text in ("let", "block", *OWN_KINDS)

    def follows(finding: Diagnostic) -> bool:
        if finding.code.startswith(_SYNTAX):  # of a file that is imported
            return False
        if (finding.span.source, finding.span.line) in lines:
            return True
        if finding.code not in _UNKNOWN_NAME:
            return False
        text = finding.span.text
        # A name may have lost the blank or the bracket beside it: `hidden` is in `hiddenn`.
        return lost or any(name.startswith(text) or name.endswith(text) for name in names)

    said: set[tuple[str, str, tuple[Label, ...]]] = set()
    kept = []
    for finding in diagnostics.diagnostics[first:]:
        cause = (finding.code, finding.message, finding.labels)
        if not follows(finding) and not (finding.labels and cause in said):
            kept.append(finding)
        said.add(cause)
    diagnostics.diagnostics[first:] = kept
