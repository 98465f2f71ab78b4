"""Files and folders that a spec names.

A path is relative to the folder of the spec; absolute ones and `..` are allowed, since a spec may
read what it names. Only regular files are opened: reading a device or a pipe may never end.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path

from nndsl.vocabulary.dataset import DataError


def find_file(folder: Path, name: str, field: str) -> Path:
    """Return the path of a file that a spec names in `field`. DataError where it is no file."""
    path, mode = _found(folder, name, field, "file")
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        raise DataError(f"`{name}` is {what}, and not a file of data", field=field)
    return path


def find_folder(folder: Path, name: str, field: str) -> Path:
    """Return the path of a folder that a spec names in `field`. DataError where it is none."""
    path, mode = _found(folder, name, field, "folder")
    if not stat.S_ISDIR(mode):
        raise DataError(f"`{name}` is no folder", field=field)
    return path


def _found(folder: Path, name: str, field: str, what: str) -> tuple[Path, int]:
    path = folder / name
    try:
        return path, path.stat().st_mode
    except FileNotFoundError:
        raise DataError(
            f"there is no {what} `{name}`", "a path is relative to the folder of the spec", field
        ) from None
    except (OSError, ValueError):  # ValueError: a name that no file can have
        raise DataError(f"`{name}` cannot be opened", field=field) from None


def title_of(name: str) -> str:
    """Return a file's name as it may stand in a script's text: letters, digits, `.`, `-`, `_`."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", Path(name).name)[:60]
