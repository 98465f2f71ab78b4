"""One command at a time in the folder of an experiment.

The lock belongs to an open file, so that it goes when the last process that holds the file ends,
however that happens. Worker processes inherit it: while one of a killed command still writes, the
folder is not free. Where the system has no `flock` (Windows), nothing is locked.
"""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nndsl.explained import ExplainedError

try:
    import fcntl
except ImportError:  # pragma: no cover
    fcntl = None  # type: ignore[assignment]

FILE = ".lock"
UNSUPPORTED = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP)  # the file system has no locks
TIMEOUT = 3.0  # seconds: the workers of a killed command need less to end


class Busy(ExplainedError):
    """Another command is at work in the folder. `process` is its number, where known."""

    def __init__(self, folder: Path, process: str) -> None:
        self.process = process
        self.who = f" (process {process})" if process else ""
        super().__init__(
            f"another command is at work in {folder}{self.who}",
            "wait until it ends, or name another folder after -o",
        )


@contextmanager
def locked(folder: Path, timeout: float | None = None) -> Iterator[tuple[int, ...]]:
    """Hold the lock of a folder; yield the open file that holds it, for processes to inherit.

    Busy where another command holds it for longer than `timeout` seconds (TIMEOUT if none are
    given), OSError where the folder cannot be written.
    """
    with (folder / FILE).open("a+", encoding="utf-8") as file:
        if fcntl is None:
            yield ()
            return
        end = time.monotonic() + (TIMEOUT if timeout is None else timeout)
        while not _acquire(file.fileno()):
            if time.monotonic() >= end:
                file.seek(0)
                raise Busy(folder, file.read().strip())
            time.sleep(0.05)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield (file.fileno(),)


def _acquire(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        return error.errno in UNSUPPORTED
    return True
