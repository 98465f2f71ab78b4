"""Processes that train, and the pipes to them: begun anew, or as copies of this process.

A copy has imported everything already, which is most of a second's work. But a process can be
copied only while nothing but the copying goes on in it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
WORKER = "nndsl.experiment.worker"
START = f"import sys; sys.path += sys.argv[1:]; from {WORKER} import main; main()"


class Begun:
    """A process that was begun anew."""

    def __init__(self, threads: int, inherited: Sequence[int] = ()) -> None:
        """Begin it. `threads` are those of its matrix products; it inherits open files."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", START, *_import_path()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**dict.fromkeys(THREADS, str(threads)), **os.environ},
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is for the one who leads
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # and on Windows
            pass_fds=inherited,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.jobs: IO[str] = self._process.stdin
        self.answers: IO[str] = self._process.stdout

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> int | None:
        """Return its exit code when it has ended."""
        return self._process.wait()


def _import_path() -> list[str]:
    """Return where this process imports from, to be searched after the standard library alone.

    The current folder is left out: a file that lies there, named like a module, is data.
    """
    here, own = Path().resolve(), str(Path(__file__).parents[2])
    found = [path for path in sys.path if path and Path(path).resolve() != here]
    return found if own in found else [own, *found]


class Copied:
    """A process that began as a copy of this one."""

    def __init__(self, process: BaseProcess, jobs: IO[str], answers: IO[str]) -> None:
        self._process = process
        self.jobs = jobs
        self.answers = answers

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> int | None:
        """Return its exit code when it has ended."""
        self._process.join()
        return self._process.exitcode


Process = Begun | Copied


def can_be_copied() -> bool:
    """Whether copies of this process may work.

    It must have one thread, and get no more when it imports numpy: another one may hold a lock
    that nobody opens in a copy. Only Linux says how many there are.
    """
    tasks = Path("/proc/self/task")
    one = os.environ.get(THREADS[0]) == "1"
    return one and tasks.exists() and len(list(tasks.iterdir())) == 1


def copies(number: int) -> list[Process]:
    """Return copies of this process that work, and inherit all its open files."""
    from importlib import import_module

    import_module(WORKER)
    own: list[int] = []  # the ends of pipes that are for this process alone
    made: list[Process] = []
    context = multiprocessing.get_context("fork")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until they ignore it
    try:
        for _ in range(number):
            jobs, jobs_end = os.pipe()
            answers_end, answers = os.pipe()
            own += [jobs_end, answers_end]
            process = context.Process(target=_work, args=(jobs, answers, tuple(own)), daemon=True)
            process.start()
            os.close(jobs)
            os.close(answers)
            ends = (
                os.fdopen(jobs_end, "w", encoding="utf-8"),
                os.fdopen(answers_end, encoding="utf-8"),
            )
            made.append(Copied(process, *ends))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return made


def _work(jobs: int, answers: int, foreign: Sequence[int]) -> None:
    from nndsl.experiment.worker import work

    os.setsid()  # Ctrl-C is for the one who leads
    for end in foreign:  # held open here, they would hide that the leader has ended
        os.close(end)
    sys.stdout = sys.stderr
    work(os.fdopen(jobs, encoding="utf-8"), os.fdopen(answers, "w", encoding="utf-8"))
