"""A list of objects, for other programs to read."""

import json
from collections.abc import Sequence

from nndsl.cli.color import Paint
from nndsl.diagnostics import Diagnostic, Fix
from nndsl.source import Span


def render(diagnostics: Sequence[Diagnostic], files: Sequence[str], paint: Paint) -> str:
    """Return a JSON list; lines and columns (code points) count from 1, ends are exclusive."""
    return json.dumps([_object(d) for d in diagnostics], indent=2, ensure_ascii=False)


def _object(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "help": diagnostic.help,
        "labels": [{"message": label.message, **_place(label.span)} for label in diagnostic.labels],
        "fixes": [_fix(fix) for fix in diagnostic.fixes],
    }


def _fix(fix: Fix) -> dict[str, object]:
    return {
        "message": fix.message,
        "applicability": fix.applicability.value,
        "edits": [{**_place(edit.span), "text": edit.text} for edit in fix.edits],
    }


def _place(span: Span) -> dict[str, object]:
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": end_line,
        "end_column": end_column,
    }
