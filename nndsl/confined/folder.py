"""The one folder that pages of strangers may name, and all that is opened for them.

A page may come out of a link that somebody sent, or from an agent. An audit hook sees every file
that Python opens, whichever part of the compiler opens it.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from errno import EACCES
from functools import cache
from pathlib import Path
from typing import Any

from nndsl.data.archive import cache_folder
from nndsl.explained import ExplainedError
from nndsl.resources import import_path

PAGE = ".nn"

_EVENTS = {"open", "os.listdir", "os.scandir"}
_allowed: ContextVar[tuple[str, ...] | None] = ContextVar("_allowed", default=None)


class Refused(ExplainedError):
    """A path leads out of the folder, or to something that is no page."""


def page_below(folder: Path, name: str, *others: str) -> Path:
    """Return where a page lies, whose name ends in .nn or in one of `others`.

    Refused where that is not below the folder, through a link neither.
    """
    try:
        path = (folder / name).resolve()
    except (OSError, ValueError, RuntimeError):
        raise Refused(f"`{name}` is no path") from None
    if not path.is_relative_to(folder):
        raise Refused(f"`{name}` lies outside of the folder of the server")
    if path.suffix not in (PAGE, *others):
        raise Refused(f"the name of a page ends in {PAGE}, and `{name}` does not")
    return path


@contextmanager
def reading_below(folder: Path, *others: Path) -> Iterator[None]:
    """Refuse, with PermissionError, to open what lies outside of a folder and of `others`.

    Archives that nndsl downloads by itself are its own, wherever the user keeps them.
    """
    _watch()
    python = (sys.prefix, sys.base_prefix, os.__file__.rpartition(os.sep)[0])
    memory = ("/proc/self/maps", "/proc/self/status")  # numpy asks; `environ` is beside them
    archives = (cache_folder(), os.environ.get("NNDSL_DATA") or os.devnull)
    own = (*import_path(), *python, *archives, *memory)
    token = _allowed.set(tuple(os.path.realpath(str(one)) for one in (folder, *others, *own)))
    try:
        yield
    finally:
        _allowed.reset(token)


@cache
def _watch() -> None:
    """Install the hook, once: Python lets none go again."""
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _EVENTS:
        return
    allowed = _allowed.get()
    if allowed is None or isinstance(arguments[0], int | None):
        return
    where = os.path.realpath(os.fsdecode(arguments[0]))
    if where in (os.devnull, "/dev/urandom") or any(
        where == one or where.startswith(one + os.sep) for one in allowed
    ):
        return
    raise PermissionError(EACCES, "it lies outside of the folder of the server", where)
