"""A command as a test sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


Cli = Callable[..., Result]  # runs a command with these arguments
