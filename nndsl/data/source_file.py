"""Files and folders that a spec names.

A path is relative to the folder of the spec; absolute ones and `..` are allowed, since a spec may
read what it names. Only regular files are opened: reading a device or a pipe may never end.
"""

import re
import stat
import sys
from pathlib import Path

from nndsl.data import DataError

_IMPORTED = {".py", ".pyc", ".pyo", ".pyw", ".so", ".pyd"}
_MODULES = {*sys.stdlib_module_names, "numpy", "pil", "sitecustomize", "usercustomize"}


def is_importable(name: str) -> bool:
    """Whether Python could import a file of this name, since it searches beside a script first."""
    return Path(name).suffix.lower() in _IMPORTED


def shadows_module(name: str) -> bool:
    """Whether an importable file or a folder has the name of a module."""
    return name.lower().partition(".")[0] in _MODULES


def find_file(folder: Path, name: str, field: str) -> Path:
    """Return the path of a file that a spec names in `field`. DataError if it is no file."""
    path, mode = _found(folder, name, field, "file")
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        raise DataError(f"`{name}` is {what}, and not a file of data", field=field)
    if is_importable(name):
        raise DataError(
            f"Python could import `{name}`: a script reads its data beside itself",
            f"give it a name such as {title_of(Path(name).stem)}.txt",
            field,
        )
    return path


def find_folder(folder: Path, name: str, field: str) -> Path:
    """Return the path of a folder that a spec names in `field`. DataError if it is none."""
    path, mode = _found(folder, name, field, "folder")
    if not stat.S_ISDIR(mode):
        raise DataError(f"`{name}` is no folder", field=field)
    if not path.name or path.name == "..":
        raise DataError(
            f"`{name}` has no name, and a script reads its data by name, beside itself",
            "move it into a folder with a name",
            field,
        )
    try:
        package = next((p.name for p in path.iterdir() if is_importable(p.name)), None)
    except OSError:
        raise DataError(f"the folder `{name}` cannot be read", field=field) from None
    if package is not None or shadows_module(path.name):
        raise DataError(
            f"Python could import `{name}`: a script reads its data beside itself",
            f"take `{package}` out of it" if package else "give it a name that is no module's",
            field,
        )
    return path


def _found(folder: Path, name: str, field: str, what: str) -> tuple[Path, int]:
    path = folder / name
    try:
        return path, path.stat().st_mode
    except FileNotFoundError:
        raise DataError(
            f"there is no {what} `{name}`", "a path is relative to the folder of the spec", field
        ) from None
    except (OSError, ValueError):  # ValueError: an invalid name
        raise DataError(f"`{name}` cannot be opened", field=field) from None


def title_of(name: str) -> str:
    """Return the name of a file for a script: letters, digits, `.`, `-`, `_`."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", Path(name).name)[:60]


def read_text(path: Path, name: str) -> str:
    """Return the text in a file called `name`. DataError where it is none, or cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError:
        raise DataError(f"`{name}` cannot be read", field="file") from None
    except UnicodeDecodeError as error:
        wrong = f"`{name}` is no text in UTF-8: byte {error.start:_} does not fit"
        raise DataError(wrong, "save it in UTF-8", "file") from None
