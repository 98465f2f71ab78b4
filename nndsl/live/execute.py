"""The one place where a script is executed in process."""

import linecache
import os
import traceback
from functools import lru_cache
from typing import Any

THREADS = "OPENBLAS_NUM_THREADS"
# What a text raises that a person edited; no memory is left for another reason.
FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SystemExit,
    TypeError,
    ValueError,
)


def execute(text: str, path: str) -> dict[str, Any]:
    """Execute the text of a script, as the module it would be at `path`; return its names.

    Its `main` does not run. Tracebacks show its lines, although no file of this name need exist.
    """
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    namespace: dict[str, Any] = {"__name__": "nndsl_script", "__file__": path}
    threads = os.environ.get(THREADS)
    exec(_compiled(text, path, "exec"), namespace)
    if threads is None:  # a script may set it for its own process; this one is somebody else's
        os.environ.pop(THREADS, None)
    return namespace


_compiled = lru_cache(maxsize=16)(compile)  # a check executes a text again and again, each anew


def lines_of(error: BaseException, path: str) -> list[int]:
    """Return the lines of a script that an error went through, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    return [frame.lineno for frame in frames if frame.filename == path and frame.lineno]
