"""Paths and fingerprints, by which other programs know findings again."""

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from nndsl.diagnostics import Diagnostic
from nndsl.source import Source


def path_of(source: Source) -> str:
    """Return the path of a source, relative to the working folder if it is inside.

    A source that is no file (stdin, `--set`) has a name only.
    """
    if source.path is None:
        return source.name
    path, here = Path(os.path.abspath(source.path)), Path.cwd()  # noqa: PTH100
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def fingerprints(diagnostics: Sequence[Diagnostic]) -> list[str]:
    """Return a fingerprint for each finding, which does not depend on its line number."""
    counts: Counter[str] = Counter()
    found = []
    for d in diagnostics:
        source = d.span.source
        parts = (d.code, path_of(source), d.message, source.line(d.span.line).strip())
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        digits = hashlib.sha256(text).hexdigest()[:32]
        counts[digits] += 1
        found.append(f"{digits}:{counts[digits]}")
    return found
