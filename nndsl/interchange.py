"""Texts for other programs: tables in CSV, documents in JSON, commands for a shell."""

import csv
import io
import json
import math
import shlex
import sys
from collections.abc import Iterable, Sequence


def command_line(words: Sequence[str]) -> str:
    """Return a command as a shell of this system reads it."""
    if sys.platform == "win32":
        from subprocess import list2cmdline

        return list2cmdline(words)
    return shlex.join(words)


def csv_text(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table with a line of names, and every digit of its numbers."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def json_text(document: object) -> str:
    """Return a document; `null` stands for a number that is not finite, which JSON does not know.

    TypeError where it holds what JSON has no form for.
    """
    return json.dumps(_known(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _known(value: object) -> object:
    match value:
        case dict():
            return {name: _known(part) for name, part in value.items()}
        case list() | tuple():
            return [_known(part) for part in value]
        case float() if not math.isfinite(value):
            return None
    return value
