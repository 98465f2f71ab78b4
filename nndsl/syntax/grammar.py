"""Loads a grammar from `grammar/`, with its parse table kept between runs."""

from __future__ import annotations

import os
import stat
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nndsl.resources import read_text

if TYPE_CHECKING:
    from lark import Lark


@cache
def load(name: str, builder: type[Any], *starts: str) -> Lark:
    """Return the LALR parser of `grammar/NAME.lark`; it calls `builder`'s methods as it reduces.

    Every token reaches the builder, so that spans are exact from bracket to bracket.
    """
    from lark import Lark  # half of a check's start-up: only when something is parsed

    folder = _cache_folder()
    version = f"{sys.version_info.major}{sys.version_info.minor}"
    return Lark(
        read_text("grammar", f"{name}.lark"),
        parser="lalr",
        lexer="basic",
        start=list(starts),
        transformer=builder(),
        keep_all_tokens=True,
        maybe_placeholders=False,
        cache=str(folder / f"{name}-{version}.table") if folder else False,
    )


def _cache_folder() -> Path | None:
    """Return the user's cache folder, or None where it cannot be had or trusted.

    The table is a pickle: whoever may write it may run code as its reader, so the folder must
    be a real one, ours, and closed to others. Lark rebuilds a table that is stale or damaged.
    """
    try:
        root = Path(os.environ.get("XDG_CACHE_HOME") or "")
        folder = (root if root.is_absolute() else Path.home() / ".cache") / "nndsl"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except (OSError, RuntimeError, ValueError):
        return None
    ours = not hasattr(os, "getuid") or (
        status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )
    return folder if ours and stat.S_ISDIR(status.st_mode) else None
