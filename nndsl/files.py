"""Writing files so that nothing is ever half written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO


def write_bytes(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it there in one step.

    The file has the permissions that a new file has, or those of the file it replaces.
    OSError where the folder does not exist or cannot be written; `path` is then as it was.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Put a text at `path` in one step, in UTF-8, with its line ends as they are."""
    write_bytes(path, lambda file: file.write(text.encode("utf-8")))


def link(origin: Path, target: Path) -> bool:
    """Put a link to a file or folder at `target`, where nothing is yet. False where none can be.

    It leads from folder to folder, so that both can be moved together.
    """
    try:
        target.symlink_to(os.path.relpath(origin.resolve(), target.parent.resolve()))
    except (OSError, ValueError, NotImplementedError):  # the name is taken, or there are no links
        return False
    return True


def copy_folder(origin: Path, target: Path) -> None:
    """Put a copy of a folder at `target`, where nothing is yet, in one step. OSError."""
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        shutil.copytree(origin, temporary / target.name)
        (temporary / target.name).rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
