"""What a script that somebody wrote may not do in the process that runs it. It imports no numpy."""

import contextlib
import ctypes
import io
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

MAX_PRINTED = 1_000_000  # characters
FORBIDDEN = {
    *("os.exec", "os.fork", "os.forkpty", "os.kill", "os.killpg", "os.posix_spawn", "os.spawn"),
    *("os.system", "pty.spawn", "signal.pthread_kill", "subprocess.Popen"),
    "_winapi.CreateProcess",
}
ALONE = 0x10000000 | 0x40000000  # CLONE_NEWUSER | CLONE_NEWNET


class Flood(RuntimeError):
    """A script prints without end."""


class Forbidden(RuntimeError):
    """A script does what it has no need of, and could not be judged behind."""


class Printed(io.TextIOBase):
    """What a script prints to: it goes nowhere but for its beginning, and has an end."""

    def __init__(self, keeps: int = 0, most: float = MAX_PRINTED) -> None:
        self.count, self.keeps, self.kept, self.most = 0, keeps, "", most

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.count += len(text)
        self.kept += text[: max(0, self.keeps - len(self.kept))]
        if self.count > self.most:
            raise Flood(f"it prints more than {self.most:,} characters")
        return len(text)


def forbid_fork_exec() -> None:
    """Forbid what `multiprocessing` calls: no event says so."""
    with contextlib.suppress(ImportError):
        starter: Any = import_module("_posixsubprocess")
        starter.fork_exec = _forbid_fork_exec


def _forbid_fork_exec(*arguments: Any) -> NoReturn:
    raise Forbidden("it would start or end a process (`multiprocessing`)")


def leave_network() -> None:
    """Give this process a network of its own, with nothing in it, where the system allows that."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).unshare(ALONE)


def limit_memory_to_half() -> None:
    """Allow this process half of what the machine has, where the system says how much that is."""
    with contextlib.suppress(AttributeError, ValueError, OSError):
        has = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        limit_memory(has // 2_000_000)


def limit_memory(megabytes: int) -> None:
    """Allow this process so much memory, where the system knows such a limit."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        resource: Any = import_module("resource")
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        limit = megabytes * 1_000_000
        if most != resource.RLIM_INFINITY:
            limit = min(limit, most)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# --- What the kernel holds a process to: Landlock, of Linux 5.13 and later -----------------

CREATE, ADD, RESTRICT = 444, 445, 446  # system calls
NO_NEW_PRIVILEGES = 38  # of `prctl`
BENEATH = 1  # a kind of rule: it is of a folder, and all in it, or of a file
EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE, MAKE_FOLDER, MAKE_FILE = 1 << 4 | 1 << 5, 1 << 7, 1 << 8
KNOWN = ((1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14))  # rights by the version that has them
TRUNCATE = 1 << 14
CHANGE = WRITE_FILE | REMOVE | MAKE_FOLDER | MAKE_FILE | TRUNCATE
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")


class _Rule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("file", ctypes.c_int32))


def limit_files(readable: Iterable[str | Path], writable: Iterable[str | Path]) -> bool:
    """Let this process open these alone, and start no program, whatever code it runs.

    Shared libraries stay readable. False where the system cannot do that.
    """
    if sys.platform != "linux":
        return False
    kernel = ctypes.CDLL(None, use_errno=True)
    version = kernel.syscall(CREATE, None, ctypes.c_size_t(0), 1)
    handled = sum(rights for since, rights in KNOWN if version >= since)
    if not handled or kernel.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    attributes = ctypes.c_uint64(handled)
    rules = kernel.syscall(CREATE, ctypes.byref(attributes), ctypes.c_size_t(8), 0)
    if rules < 0:
        return False
    allowed = dict.fromkeys(map(str, (*LIBRARIES, *readable)), READ_FILE | READ_FOLDER)
    allowed |= dict.fromkeys(map(str, writable), READ_FILE | READ_FOLDER | CHANGE)
    for path, rights in allowed.items():
        with contextlib.suppress(OSError):  # it is not there
            file = os.open(path, os.O_PATH | os.O_CLOEXEC)
            rights &= handled if Path(path).is_dir() else handled & OF_FILES
            rule = _Rule(rights, file)
            kernel.syscall(ADD, rules, BENEATH, ctypes.byref(rule), 0)
            os.close(file)
    done: int = kernel.syscall(RESTRICT, rules, 0)
    os.close(rules)
    return done == 0
