"""The process that runs a student's script: it calls its functions, and sends what they give.

What is right is not known here, and what it could be learnt from is kept from the script: it may
open its data, the library and numpy. That stops mistakes and ordinary cheating: Python keeps no
secret from code that is determined.
"""

from __future__ import annotations

import base64
import builtins
import ctypes
import faulthandler
import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from nndsl.course.observation import (
    BEGIN,
    Endless,
    Observed,
    assigned_lines,
    failure,
    keep,
    observe,
    run_script,
)
from nndsl.live.execute import execute
from nndsl.live.script.confinement import (
    FORBIDDEN,
    Forbidden,
    Printed,
    forbid_fork_exec,
    limit_files,
    limit_memory,
)
from nndsl.live.script.own_process import raise_exit, take_streams

TRAINED = "trained"
SHOWN = 2_000  # characters of what it prints
ALONE = 0x10000000 | 0x40000000  # CLONE_NEWUSER | CLONE_NEWNET: a network of its own, with nothing
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


def main() -> None:
    """Run the script of the job on stdin, and write to stdout what it does."""
    job = json.loads(sys.stdin.buffer.readline())
    with np.load(io.BytesIO(sys.stdin.buffer.read())) as file:
        given = dict(file)
    nonce = job["nonce"]
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).unshare(ALONE)
    printed = Printed(SHOWN)
    answer = take_streams(printed)
    end = os._exit

    def says(**said: Any) -> None:
        print(json.dumps({"nonce": nonce, **said}), file=answer, flush=True)

    faulthandler.enable(answer)
    folder = Path(job["folder"])
    os.chdir(folder)
    limit_memory(job["memory"])
    forbid_fork_exec()
    os._exit = os.abort = raise_exit  # type: ignore[assignment]
    for module in filter(None, (os, sys.modules.get("posix"))):
        for name in {*UNSEEN} & {*vars(module)}:
            setattr(module, name, _forbidden)
    own = [name for name in sys.modules if name.partition(".")[0] == "nndsl"]
    shown = [Path(str(sys.modules.pop(name).__file__)) for name in own]  # by a traceback
    was = _patchable()
    readable = [folder, *shown, *map(Path, job["readable"])]
    del sys.path[len(sys.path) - len(sys.argv) + 1 :]  # where nndsl lies, which START added
    limit_files([*readable, *library_folders(), *sys.path], [folder, os.devnull])
    sys.addaudithook(confined(says, readable, folder))
    faulthandler.dump_traceback_later(job["timeout"], exit=True, file=answer)
    path = str(folder / job["script"])
    observed = Observed()
    try:
        names, observed = run_script(lambda text: execute(text, path), job["text"], path)
        says(lines=assigned_lines(names))
        observe(names, given, path, observed)
    except BaseException as error:  # whatever it is, it is said
        observed.failures[BEGIN] = failure(error, path)
    _send(says, observed, printed.kept)
    endless = next((f for f in observed.failures.values() if f["kind"] == Endless.__name__), None)
    if job["trains"] and endless is not None:  # and so would a training be
        trained = Observed()
        trained.failures[TRAINED] = endless
        _send(says, trained, "")
    elif job["trains"] and BEGIN not in observed.failures:
        says(doing="where it trains")
        sys.stdout = sys.stderr = Printed()  # of a training that is known
        faulthandler.dump_traceback_later(job["training"], exit=True, file=answer)
        _send(says, _trained(job["plain"], path), "")
    now = _patchable()
    changed = [name for name, value in was.items() if now.get(name) is not value]
    if changed:
        says(violation=f"it replaces `{changed[0]}`")
    says(done=True)
    end(0)


def _forbidden(*arguments: Any, **options: Any) -> NoReturn:
    raise Forbidden("it would make a file of another kind")


def _send(says: Callable[..., None], observed: Observed, printed: str) -> None:
    content = io.BytesIO()
    np.savez(content, **observed.arrays)  # type: ignore[arg-type]
    arrays = base64.b64encode(content.getvalue()).decode()
    says(failures=observed.failures, printed=printed, arrays=arrays)


def _trained(text: str, path: str) -> Observed:
    """Train as the script does, and keep its weights: what they are worth is found elsewhere."""
    observed = Observed()
    try:
        names = execute(text, path)
        names["main"]()
        for kind in ("params", "state"):
            for name, array in names.get(kind, {}).items():
                keep(observed, f"{TRAINED}/{kind}/{name}", array)
    except BaseException as error:
        observed.failures[TRAINED] = failure(error, path)
    return observed


def _patchable() -> dict[str, Any]:
    """Return what a script could replace to make others believe something."""
    modules = {"np": np, "builtins": builtins}
    return {
        f"{title}.{name}": value
        for title, module in modules.items()
        for name, value in [*vars(module).items()]
        if callable(value)
    }


def library_folders() -> tuple[str, ...]:
    """Return where Python's library lies, and numpy."""
    homes = (Path(prefix, sys.platlibdir) for prefix in (sys.prefix, sys.base_prefix))
    installed = (Path(os.__file__).parent, Path(np.__file__).parents[1], TIME_ZONES)
    return tuple(os.path.realpath(folder) for folder in (*homes, *installed))


def confined(
    says: Callable[..., None], readable: list[Path], own: Path
) -> Callable[[str, tuple[Any, ...]], None]:
    """Return an audit hook that forbids what a script has no need of, and says so at once."""
    own_code = (os.path.realpath(Path(__file__).parents[1]),)
    library = library_folders()
    archives = tuple(os.path.realpath(path) for path in sys.path if not Path(path).is_dir())
    allowed = tuple(os.path.realpath(path) for path in readable)
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
    rewrites, looks, packages, own_packages = frozenset(REWRITES), LOOKS, PACKAGES, OF_NUMPY

    def is_within(path: str, folders: tuple[str, ...]) -> bool:
        return any(path == folder or path.startswith(folder + os.sep) for folder in folders)

    def refuse(what: str) -> NoReturn:
        says(violation=what)
        raise Forbidden(what)

    def place(path: Any) -> str:
        """Return where a path leads, by its characters, whatever class it is of."""
        if isinstance(path, bytes):
            path = os.fsdecode(bytes.__getitem__(path, slice(None)))
        plain = str.__str__(path)
        if ".." in plain.replace(os.altsep or os.sep, os.sep).split(os.sep):  # noqa: PTH206
            refuse(f"it uses the path {plain}: a script has no need of `..`")
        return os.path.realpath(plain)

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

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        for title, names, name, value in relied_on:
            if names.get(name) is not value:
                refuse(f"it replaces `{title}.{name}`")
        if event == "open":
            opened(*arguments[:3])
        elif event == "import":
            top = str(arguments[0]).partition(".")[0]
            if top == "nndsl":
                refuse("it imports nndsl, which knows the answer")
            is_standard = top in standard or top.startswith("_sysconfigdata_")
            loaded = str(arguments[1] or "").rpartition(os.sep)[2].partition(".")[0]
            if top in outside or loaded in outside or not (top == "numpy" or is_standard):
                wrong = f"`{top}`: a script needs numpy and the standard library alone"
                raise ModuleNotFoundError(wrong, name=top)
            if arguments[1]:  # a library that is loaded without being opened
                opened(arguments[1], "rb", os.O_RDONLY)
        elif event in forbidden:
            refuse(f"it would start or end a process (`{event}`)")
        elif event.startswith(looks):
            refuse(f"it uses `{event.partition('.')[0]}`, of which a script has no need")
        elif event in links or (
            event in changes and any(map(changed, arguments[: 1 + (event == "os.rename")]))
        ):
            refuse(f"it changes files (`{event}`)")
        elif event == "object.__setattr__" and arguments[1] in rewrites:
            refuse(f"it changes `{arguments[1]}` of a function")

    return hook
