"""Worker processes and the pipes to them: spawned anew, or forked from this process.

A forked one has imported everything already, which is most of a second's work. But a process can
be forked only while it has a single thread.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO

from nndsl.resources import main_of

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
WORKER = "nndsl.experiment.worker"


@dataclass(frozen=True, slots=True)
class Process:
    """A process, the pipes to its worker, and what can be done with it."""

    jobs: IO[str]
    answers: IO[str]
    is_alive: Callable[[], bool]
    kill: Callable[[], None]
    wait: Callable[[], int | None]  # returns the exit code


def spawn_worker(threads: int, inherited: Sequence[int] = ()) -> Process:
    """Start a process with so many threads for matrix products, which inherits open files."""
    process = subprocess.Popen(
        main_of(WORKER),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**dict.fromkeys(THREADS, str(threads)), **os.environ},
        text=True,
        encoding="utf-8",
        start_new_session=True,  # Ctrl-C is for the parent
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # and on Windows
        pass_fds=inherited,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    ends = process.stdin, process.stdout
    return Process(*ends, lambda: process.poll() is None, process.kill, process.wait)


def can_fork() -> bool:
    """Whether forks of this process may work.

    It must have one thread, and get no more when it imports numpy: another one may hold a lock
    that nobody opens in a fork. Only Linux says how many there are.
    """
    tasks = Path("/proc/self/task")
    one = os.environ.get(THREADS[0]) == "1"
    return one and tasks.exists() and len(list(tasks.iterdir())) == 1


def fork_workers(number: int) -> list[Process]:
    """Return forks of this process that work, and inherit all its open files.

    OSError where the system allows no more processes or files: then none is left.
    """
    from importlib import import_module

    import_module(WORKER)
    parent_ends: list[int] = []  # of pipes
    workers: list[Process] = []
    context = multiprocessing.get_context("fork")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until they ignore it
    try:
        with ExitStack() as undo:
            for _ in range(number):
                with ExitStack() as child_ends:
                    jobs, jobs_end = os.pipe()
                    child_ends.callback(os.close, jobs)
                    to_jobs = undo.enter_context(os.fdopen(jobs_end, "w", encoding="utf-8"))
                    answers_end, answers = os.pipe()
                    child_ends.callback(os.close, answers)
                    from_answers = undo.enter_context(os.fdopen(answers_end, encoding="utf-8"))
                    parent_ends += [jobs_end, answers_end]
                    ends = jobs, answers, tuple(parent_ends)
                    process = context.Process(target=_work, args=ends, daemon=True)
                    process.start()
                undo.callback(process.join)
                undo.callback(process.kill)
                wait = partial(_wait, process)
                workers.append(Process(to_jobs, from_answers, process.is_alive, process.kill, wait))
            undo.pop_all()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return workers


def _wait(process: BaseProcess) -> int | None:
    process.join()
    return process.exitcode


def _work(jobs: int, answers: int, parent_ends: Sequence[int]) -> None:
    from nndsl.experiment.worker import work

    os.setsid()  # Ctrl-C is for the parent
    for end in parent_ends:  # held open here, they would hide that the parent has ended
        os.close(end)
    sys.stdout = sys.stderr
    work(os.fdopen(jobs, encoding="utf-8"), os.fdopen(answers, "w", encoding="utf-8"))
