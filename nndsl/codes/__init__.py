"""Codes of errors: for each what it means, why, a wrong and a right example.

A lint has these beside its rule. From both come `nndsl explain`, the error catalogue in `docs/`,
and the rules of SARIF. A check imports none of it: diagnostics carry their codes as text.
"""

from importlib import import_module

from nndsl.codes.code import Code

GROUPS = ("syntax", "meaning", "agreement", "expectations")


def codes_of_errors() -> dict[str, Code]:
    """Return the codes of all errors by their names."""
    modules = (import_module(f"nndsl.codes.{group}") for group in GROUPS)
    return {code.name: code for module in modules for code in module.CODES}


__all__ = ["Code", "codes_of_errors"]
