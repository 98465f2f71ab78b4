"""A code quality report, which GitLab shows in a merge request."""

import json
from collections.abc import Sequence

from nndsl.cli.color import Paint
from nndsl.cli.fingerprints import fingerprints, path_of
from nndsl.diagnostics import Diagnostic, Severity

SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def render(diagnostics: Sequence[Diagnostic], files: Sequence[str], paint: Paint) -> str:
    """Return a JSON list in the part of the Code Climate format that GitLab reads."""
    issues = map(_issue, diagnostics, fingerprints(diagnostics))
    return json.dumps(list(issues), indent=2, ensure_ascii=False)


def _issue(diagnostic: Diagnostic, fingerprint: str) -> dict[str, object]:
    span = diagnostic.span
    end_line, end_column = span.source.position(span.end)
    help = f" ({diagnostic.help})" if diagnostic.help else ""
    return {
        "type": "issue",
        "check_name": diagnostic.code,
        "description": f"{diagnostic.code}: {diagnostic.message}{help}",
        "severity": SEVERITIES[diagnostic.severity],
        "fingerprint": fingerprint,
        "location": {
            "path": path_of(span.source),
            "positions": {
                "begin": {"line": span.line, "column": span.column},
                "end": {"line": end_line, "column": end_column},
            },
        },
    }
