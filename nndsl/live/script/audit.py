"""What a process is held to before it runs a script that somebody wrote.

An audit hook refuses what a script has no need of, on every system; the kernel of Linux refuses it
as well, where a library does it without telling Python. That stops mistakes and ordinary cheating:
Python keeps no secret from code that is determined.
"""

import builtins
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any, NoReturn

import numpy as np

from nndsl.live.script.confinement import (
    FORBIDDEN,
    Forbidden,
    forbid_fork_exec,
    limit_files,
    limit_memory,
)
from nndsl.live.script.own_process import raise_exit

Says = Callable[..., None]  # called with `violation`, at once
LINKS = {"os.link", "os.symlink"}
CHANGES = {
    *("os.chflags", "os.chmod", "os.chown", "os.mkdir", "os.remove", "os.removexattr"),
    *("os.rename", "os.rmdir", "os.setxattr", "os.truncate", "os.utime"),
}
REWRITES = {"__code__", "__defaults__", "__kwdefaults__"}  # of a function
TIME_ZONES = Path("/usr/share/zoneinfo")
PACKAGES = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))
OF_NUMPY = ("", "numpy", "numpy.libs")  # of what is installed, a script has no need of more
LOOKS = ("socket.", "ctypes.", "gc.get_", "mmap.", "sqlite3.")
OUTSIDE = {  # of the library: they open files and start programs without an event
    *("tkinter", "_tkinter", "sqlite3", "_sqlite3", "dbm", "_dbm", "_gdbm", "readline", "curses"),
    *("_curses", "_posixsubprocess", "posix", "nt", "_winapi", "msilib", "_msi", "ossaudiodev"),
}
UNSEEN = ("mknod", "mkfifo", "chroot")  # what `os` does without an event


def confine(
    says: Says,
    readable: Iterable[str | Path],
    own: Path,
    megabytes: int,
    *,
    is_lenient: bool = False,
) -> Mapping[str, Any]:
    """Hold this process to what a script needs, from now on; return what `replaced` looks at.

    It may read `readable`, and write into the folder `own`. `is_lenient`: it may import what is
    installed; nndsl is in the process.
    """
    limit_memory(megabytes)
    forbid_fork_exec()
    os._exit = os.abort = raise_exit  # type: ignore[assignment]
    for module in filter(None, (os, sys.modules.get("posix"))):
        for name in {*UNSEEN} & {*vars(module)}:
            setattr(module, name, _forbidden)
    was = _replaceable()
    allowed = [own, *map(Path, readable)]
    limit_files([*allowed, *library_folders(), *sys.path], [own, os.devnull])
    sys.addaudithook(confined(says, allowed, own, is_lenient=is_lenient))
    return was


def replaced(was: Mapping[str, Any]) -> str:
    """Return the name of something that a script replaced. Empty: nothing."""
    now = _replaceable()
    return next((name for name, value in was.items() if now.get(name) is not value), "")


def _replaceable() -> dict[str, Any]:
    """Return what a script could replace to make others believe something."""
    own = {name: module for name, module in [*sys.modules.items()] if name.startswith("nndsl.")}
    modules = {
        "np": np,
        "np.linalg": np.linalg,
        "np.random": np.random,
        "builtins": builtins,
        "os": os,
        "os.path": os.path,
        **own,
    }
    found = {
        f"{title}.{name}": value
        for title, module in modules.items()
        for name, value in [*vars(module).items()]
        if callable(value)
    }
    methods = (FunctionType, property, classmethod, staticmethod)
    for title, value in [*found.items()]:
        if isinstance(value, type) and value.__module__ in own:
            found |= {
                f"{title}.{name}": held
                for name, held in vars(value).items()
                if isinstance(held, methods)
            }
    return found


def _forbidden(*arguments: Any, **options: Any) -> NoReturn:
    raise Forbidden("it would make a file of another kind")


def library_folders() -> tuple[str, ...]:
    """Return where Python's library lies, and numpy."""
    homes = (Path(prefix, sys.platlibdir) for prefix in (sys.prefix, sys.base_prefix))
    installed = (Path(os.__file__).parent, Path(np.__file__).parents[1], TIME_ZONES)
    return tuple(os.path.realpath(folder) for folder in (*homes, *installed))


def confined(
    says: Says, readable: Iterable[str | Path], own: Path, *, is_lenient: bool = False
) -> Callable[[str, tuple[Any, ...]], None]:
    """Return an audit hook that forbids what a script has no need of, and says so at once."""
    own_code = (os.path.realpath(Path(__file__).parents[2]),)
    library = library_folders()
    archives = tuple(os.path.realpath(path) for path in sys.path if not Path(path).is_dir())
    allowed = tuple(map(os.path.realpath, (*readable, *(sys.path if is_lenient else ()))))
    here = os.path.realpath(own)
    standard = sys.stdlib_module_names
    # what is decided here is decided by these: a script that replaces one is refused
    relied_on = [
        (title, vars(module), name, value)
        for title, module in (("os", os), ("os.path", os.path), ("builtins", builtins))
        for name, value in [*vars(module).items()]
    ]
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
    outside = frozenset(OUTSIDE)
    forbidden, changes, links = frozenset(FORBIDDEN), frozenset(CHANGES), frozenset(LINKS)
    removes = frozenset(("os.remove", "os.rmdir"))
    rewrites, looks, packages, own_packages = frozenset(REWRITES), LOOKS, PACKAGES, OF_NUMPY

    def is_within(path: str, folders: tuple[str, ...]) -> bool:
        return any(path == folder or path.startswith(folder + os.sep) for folder in folders)

    def refuse(what: str) -> NoReturn:
        says(violation=what)
        raise Forbidden(what)

    def plain(path: Any) -> str:
        """Return a path by its characters, whatever class it is of."""
        if isinstance(path, bytes):
            path = os.fsdecode(bytes.__getitem__(path, slice(None)))
        text = str.__str__(path)
        parts = text.replace(os.altsep or os.sep, os.sep).split(os.sep)  # noqa: PTH206
        if ".." in parts and not (is_lenient and os.path.isabs(text)):  # noqa: PTH117
            refuse(f"it uses the path {text}: a script has no need of `..`")
        return text

    def place(path: Any) -> str:
        """Return where a path leads."""
        return os.path.realpath(plain(path))

    def opened(path: Any, mode: Any, flags: int) -> None:
        if isinstance(path, int):
            return
        where = place(path)
        if flags & writing and not is_within(where, (here, os.devnull)):
            refuse(f"it writes to {where}")
        is_library = is_within(where, library) and not is_within(where, own_code)
        package = next((where.split(p)[-1] for p in packages if p in where), "")
        is_library = is_library and package.partition(os.sep)[0] in own_packages
        if not (is_library or is_within(where, (*allowed, *archives, os.devnull))):
            refuse(f"it reads {where}: a script needs its data and nothing else")
        if mode is None and os.path.isdir(where) and not is_within(where, (here,)):  # noqa: PTH112
            refuse(f"it opens the folder {where}, from which others could be reached")

    def changed(path: Any) -> bool:
        """Is what is changed outside? Of an open file it cannot be told."""
        return isinstance(path, int) or not is_within(place(path), (here,))

    def is_removed_within(path: Any, folder: Any) -> bool:
        """Is it a name in an open folder? A script has none but its own."""
        return folder != -1 and not os.path.isabs(plain(path))  # noqa: PTH117

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "object.__getattr__":  # of a frame, at each call that is watched
            return
        for title, names, name, value in relied_on:
            if names.get(name) is not value:
                refuse(f"it replaces `{title}.{name}`")
        if event == "open":
            opened(*arguments[:3])
        elif event == "import":
            top = str(arguments[0]).partition(".")[0]
            if top == "nndsl" and not is_lenient:
                refuse("it imports nndsl, which knows the answer")
            is_standard = top in standard or top.startswith("_sysconfigdata_")
            loaded = str(arguments[1] or "").rpartition(os.sep)[2].partition(".")[0]
            is_known = is_lenient or top == "numpy" or is_standard
            if top in outside or loaded in outside or not is_known:
                wrong = f"`{top}`: a script needs numpy and the standard library alone"
                raise ModuleNotFoundError(wrong, name=top)
            if arguments[1]:  # a library that is loaded without being opened
                opened(arguments[1], "rb", os.O_RDONLY)
        elif event in forbidden:
            refuse(f"it would start or end a process (`{event}`)")
        elif event.startswith(looks):
            refuse(f"it uses `{event.partition('.')[0]}`, of which a script has no need")
        elif event in links or (
            event in changes
            and any(map(changed, arguments[: 1 + (event == "os.rename")]))
            and not (event in removes and is_removed_within(*arguments))
        ):
            refuse(f"it changes files (`{event}`)")
        elif event == "object.__setattr__" and arguments[1] in rewrites:
            refuse(f"it changes `{arguments[1]}` of a function")

    return hook
