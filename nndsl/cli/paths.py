"""The specs that paths on the command line stand for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from nndsl.cli.failure import CommandError


def specs_in(paths: Iterable[str]) -> list[str]:
    """Return the specs that paths name: files, `-`, and the .nn files of folders and below.

    Each is there once, in order. Hidden files and folders are left out unless they are named.
    """
    return list(dict.fromkeys(found for path in paths for found in _specs(path)))


def _specs(given: str) -> Iterator[str]:
    if given == "-" or not Path(given).is_dir():
        yield given
        return
    found = False
    for folder, folders, names in os.walk(given):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        for name in sorted(names):
            if name.endswith(".nn") and name[0] != ".":
                found = True
                yield str(Path(folder, name))
    if not found:
        raise CommandError(f"the folder {given} holds no .nn files")
