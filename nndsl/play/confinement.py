"""What is read for a page in the browser lies below one folder, or belongs to nndsl and Python.

A page may come out of a link that somebody sent. An audit hook sees every file that is opened,
whichever part of the compiler opens it.
"""

from __future__ import annotations

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
from nndsl.resources import import_path

_EVENTS = {"open", "os.listdir", "os.scandir"}
_allowed: ContextVar[tuple[str, ...] | None] = ContextVar("_allowed", default=None)


@contextmanager
def reading_below(folder: Path, *others: Path) -> Iterator[None]:
    """Refuse, with PermissionError, to open what lies outside of a folder and of `others`.

    Archives that nndsl downloads by itself are its own, wherever the user keeps them.
    """
    _watch()
    python = (sys.prefix, sys.base_prefix, os.__file__.rpartition(os.sep)[0])
    archives = (cache_folder(), os.environ.get("NNDSL_DATA") or os.devnull)
    own = (*import_path(), *python, *archives, "/proc/self")
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
