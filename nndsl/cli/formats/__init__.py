"""Output formats of findings: each is a module of this package with a function `render`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from nndsl.cli.color import Paint
    from nndsl.diagnostics import Diagnostic

    # (findings, names of all checked files, painter) -> text
    Render = Callable[[Sequence[Diagnostic], Sequence[str], Paint], str]

FOR_PEOPLE = ("full", "concise")
FORMATS = ("full", "concise", "json", "github", "gitlab", "sarif", "junit")


def renderer(name: str) -> Render:
    """Import the module of a format, and return its function."""
    return cast("Render", import_module(f"nndsl.cli.formats.{name}").render)
