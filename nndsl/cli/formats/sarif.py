"""SARIF 2.1.0, for code scanning: findings, the rules they break, and their fixes.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nndsl import __version__
from nndsl.cli.color import Paint
from nndsl.cli.fingerprints import fingerprints, path_of
from nndsl.codes import Code
from nndsl.diagnostics import Diagnostic, Edit, Fix
from nndsl.lints.table import all_codes
from nndsl.source import Source, Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LINTS = "NN4"  # the prefix of warnings


def render(diagnostics: Sequence[Diagnostic], files: Sequence[str], paint: Paint) -> str:
    """Return a log with one run. Paths are relative to the working folder, columns code points."""
    codes = all_codes()
    indices = {name: index for index, name in enumerate(codes)}
    results = [
        _result(diagnostic, indices[diagnostic.code], fingerprint)
        for diagnostic, fingerprint in zip(diagnostics, fingerprints(diagnostics), strict=True)
    ]
    rules = [_rule(code) for code in codes.values()]
    run = {
        "tool": {"driver": {"name": "nndsl", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.name,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": f"{code.what} {code.why}"},
        "help": {
            "text": _page(code, code.wrong, code.right),
            "markdown": _page(code, _fenced(code.wrong), _fenced(code.right)),
        },
        "defaultConfiguration": {"level": "warning" if code.name.startswith(LINTS) else "error"},
    }


def _page(code: Code, wrong: str, right: str) -> str:
    parts = [code.what, code.why, code.source and f"Source: {code.source}"]
    return "\n\n".join([*filter(None, parts), "Wrong:", wrong, "Right:", right])


def _fenced(text: str) -> str:
    return f"```\n{text.rstrip()}\n```"


def _result(diagnostic: Diagnostic, index: int, fingerprint: str) -> dict[str, Any]:
    help = f"\n{diagnostic.help}" if diagnostic.help else ""
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": diagnostic.severity.value,
        "message": {"text": f"{diagnostic.message}{help}"},
        "locations": [_location(diagnostic.span)],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }
    if diagnostic.labels:
        result["relatedLocations"] = [
            {"id": id, "message": {"text": label.message}, **_location(label.span)}
            for id, label in enumerate(diagnostic.labels)
        ]
    if diagnostic.fixes:
        result["fixes"] = [_fix(fix) for fix in diagnostic.fixes]
    return result


def _location(span: Span) -> dict[str, Any]:
    source = span.source
    if source.path is None:  # a value from the command line, or stdin
        return {"logicalLocations": [{"fullyQualifiedName": source.name}]}
    return {"physicalLocation": {"artifactLocation": _artifact(source), "region": _region(span)}}


def _artifact(source: Source) -> dict[str, str]:
    path = path_of(source)
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(os.fsencode(path)), "uriBaseId": "%SRCROOT%"}


def _region(span: Span) -> dict[str, int]:
    end_line, end_column = span.source.position(span.end)
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": end_line,
        "endColumn": end_column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    by_source: dict[Source, list[Edit]] = {}
    for edit in fix.edits:
        by_source.setdefault(edit.span.source, []).append(edit)
    return {
        "description": {"text": fix.message},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(source),
                "replacements": [
                    {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
                    for edit in edits
                ],
            }
            for source, edits in by_source.items()
        ],
    }
