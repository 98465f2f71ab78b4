"""The registry of codes: for each diagnostic what it means, why, a wrong and a right example.

From it come `nndsl explain`, the error catalogue in `docs/`, and the rules of SARIF. A check
imports none of it: diagnostics carry their codes as text.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from nndsl.codes.code import Code

GROUPS = ("syntax", "names", "values", "places", "shapes", "data", "lints", "expectations")


@cache
def all_codes() -> dict[str, Code]:
    """Return every code by its name, in order."""
    modules = (import_module(f"nndsl.codes.{group}") for group in GROUPS)
    found = {code.name: code for module in modules for code in module.CODES}
    return dict(sorted(found.items()))


__all__ = ["Code", "all_codes"]
