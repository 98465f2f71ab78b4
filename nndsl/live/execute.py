"""The one place where a script is executed in process."""

from __future__ import annotations

import linecache
from typing import Any


def execute(text: str, path: str) -> dict[str, Any]:
    """Execute the text of a script, as the module it would be at `path`; return its names.

    Its `main` does not run. Tracebacks show its lines, although no file of this name need exist.
    """
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    namespace: dict[str, Any] = {"__name__": "nndsl_script", "__file__": path}
    exec(compile(text, path, "exec"), namespace)
    return namespace
