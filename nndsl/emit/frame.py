"""The templates: frames of scripts, which print a plan and decide nothing."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from nndsl.resources import read_text

if TYPE_CHECKING:
    from jinja2 import Environment


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(lambda name: read_text("templates", name)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


def render(template: str, **plan: object) -> str:
    """Fill in a template. The plan's parts are what it may print, under the name `plan`."""
    return _environment().get_template(template).render(plan=plan).rstrip("\n")
