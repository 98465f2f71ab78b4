"""All lints, by their codes: the one place where a new file of them is entered."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from nndsl.lints.rule import Lint, NetworkLint, SpecLint

if TYPE_CHECKING:
    from nndsl.codes import Code

_NAMES = (
    "activations data formulas names normalisation positions regularisation training variance "
    "weights windows"
)
FILES = [import_module(f"nndsl.lints.{name}") for name in _NAMES.split()]
_Kind = TypeVar("_Kind", bound=Lint[Any])


def _all(kind: type[_Kind]) -> Mapping[str, _Kind]:
    found = [lint for file in FILES for lint in vars(file).values() if isinstance(lint, kind)]
    return {lint.code: lint for lint in sorted(found, key=lambda lint: lint.code)}


LINTS: Mapping[str, Lint[Any]] = _all(Lint)
OF_THE_SPEC = _all(SpecLint)
OF_THE_NETWORK = _all(NetworkLint)


@cache
def all_codes() -> dict[str, Code]:
    """Return every code by its name, in order: those of errors, and those of lints."""
    from nndsl.codes import codes_of_errors

    found = codes_of_errors() | {code: lint.entry() for code, lint in LINTS.items()}
    return dict(sorted(found.items()))
