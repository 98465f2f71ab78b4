"""What a script that somebody wrote may not do in the process that runs it. It imports no numpy."""

from __future__ import annotations

import contextlib
import io
from importlib import import_module
from typing import Any, NoReturn

MAX_PRINTED = 1_000_000  # characters
FORBIDDEN = {
    *("os.exec", "os.fork", "os.forkpty", "os.kill", "os.killpg", "os.posix_spawn", "os.spawn"),
    *("os.system", "pty.spawn", "signal.pthread_kill", "subprocess.Popen"),
    "_winapi.CreateProcess",
}


class Flood(RuntimeError):
    """A script prints without end."""


class Forbidden(RuntimeError):
    """A script does what it has no need of, and could not be judged behind."""


class Printed(io.TextIOBase):
    """What a script prints to: it goes nowhere but for its beginning, and has an end."""

    def __init__(self, keeps: int = 0) -> None:
        self.count, self.keeps, self.kept = 0, keeps, ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.count += len(text)
        self.kept += text[: max(0, self.keeps - len(self.kept))]
        if self.count > MAX_PRINTED:
            raise Flood(f"it prints more than {MAX_PRINTED:,} characters")
        return len(text)


def forbid_processes(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: Forbidden where a process would begin or end."""
    if event in FORBIDDEN:
        raise Forbidden(f"it would start or end a process (`{event}`)")


def forbid_fork_exec() -> None:
    """Forbid what `multiprocessing` calls: no event says so."""
    with contextlib.suppress(ImportError):
        starter: Any = import_module("_posixsubprocess")
        starter.fork_exec = _forbid_fork_exec


def _forbid_fork_exec(*arguments: Any) -> NoReturn:
    raise Forbidden("it would start or end a process (`multiprocessing`)")


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
