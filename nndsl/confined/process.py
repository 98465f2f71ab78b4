"""Processes that answer what a stranger's page is asked: one that takes too long ends itself.

Whoever asks reads no page, and goes on whatever happens to them.
"""

import faulthandler
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Any
from weakref import finalize

from nndsl.resources import main_of

MAX_AT_ONCE = 4
CLOSED = (EOFError, OSError, pickle.UnpicklingError)  # what the pipes of an ended process raise


class Gone(Exception):
    """A process ended by itself, or by the system, where there is no more memory."""


class JobError(Exception):
    """Nothing came of a job: the text says why."""


class Worker:
    """A process that does the jobs of a module."""

    def __init__(self, module: str) -> None:
        own = TemporaryDirectory(prefix="nndsl-", ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            main_of(module),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": own.name},
            start_new_session=True,  # Ctrl-C is for whoever asks
        )
        self._is_started = False
        self._close = finalize(self, _end, self.process, own)

    def call(self, job: tuple[Any, ...], seconds: float) -> Any:
        """Return whether a job ended as it should, and what comes of it.

        TimeoutError, or Gone: then the process has ended.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        began = inf
        try:
            if not self._is_started:
                self._is_started = pickle.load(self.process.stdout)
            began = monotonic()
            pickle.dump((seconds, job), self.process.stdin)
            self.process.stdin.flush()
            return pickle.load(self.process.stdout)
        except CLOSED:
            self._close()
            raise (Gone if monotonic() - began < seconds else TimeoutError) from None


def _end(process: subprocess.Popen[bytes], own: TemporaryDirectory[str]) -> None:
    process.kill()
    with suppress(OSError):  # what was not yet written is not needed
        process.communicate()
    own.cleanup()


class Workers:
    """Processes that do the jobs of a module, as many as are asked at once.

    The last that was asked is asked first: it may remember what it read.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self.idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._lock = Lock()  # of both
        self._free = BoundedSemaphore(MAX_AT_ONCE)

    def call(self, name: str, job: tuple[Any, ...], seconds: float) -> Any:
        """Return what comes of a job, which is called so, within so many seconds. JobError."""
        with self._free:
            with self._lock:
                self.idle = [one for one in self.idle if one.process.poll() is None]
                worker = self.idle.pop() if self.idle else Worker(self._module)
                self._busy.add(worker)
            try:
                is_done, found = worker.call(job, seconds)
            except TimeoutError:
                raise JobError(f"`{name}` was ended after {seconds:g} seconds") from None
            except Gone:
                raise JobError(f"the process that did `{name}` has ended") from None
            finally:
                with self._lock:
                    self._busy.remove(worker)
            with self._lock:
                self.idle.append(worker)
            if not is_done:
                raise JobError(f"`{name}` failed, which is a bug of nndsl: {found}")
            return found

    def end(self) -> None:
        """End the processes, whatever they do."""
        with self._lock:
            for worker in [*self.idle, *self._busy]:
                worker.process.kill()


def do_jobs(do: Callable[..., Any]) -> None:
    """Do jobs from stdin, until there are no more. A job that takes too long ends the process."""
    gettempdir()  # inside of the folder none is found but the folder itself
    jobs, answers, sys.stdout = sys.stdin.buffer, sys.stdout.buffer, sys.stderr
    with Path(os.devnull).open("w") as nowhere:
        pickle.dump(True, answers)  # what the jobs need is imported: from now on seconds count
        answers.flush()
        while True:
            try:
                seconds, job = pickle.load(jobs)
            except EOFError:  # whoever asked has ended
                return
            faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
            try:
                answer = pickle.dumps((True, do(*job)))
            except Exception as error:
                answer = pickle.dumps((False, f"{type(error).__name__}: {error}"))
            faulthandler.cancel_dump_traceback_later()
            answers.write(answer)
            answers.flush()
