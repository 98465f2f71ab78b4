"""What tells other programs which file a finding is about, and whether they know it already."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from nndsl.diagnostics import Diagnostic
from nndsl.source import Source


def path_of(source: Source) -> str:
    """Return the path of a source, relative to the working folder where it lies below it.

    What is no file (stdin, `--set`) has its name.
    """
    if source.path is None:
        return source.name
    path, here = Path(os.path.abspath(source.path)), Path.cwd()  # noqa: PTH100
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def fingerprints(diagnostics: Sequence[Diagnostic]) -> list[str]:
    """Return a text for each finding that stays when lines are added elsewhere in its file."""
    seen: Counter[str] = Counter()
    found = []
    for d in diagnostics:
        source = d.span.source
        parts = (d.code, path_of(source), d.message, source.line(d.span.line).strip())
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        digits = hashlib.sha256(text).hexdigest()[:32]
        seen[digits] += 1
        found.append(f"{digits}:{seen[digits]}")
    return found
