"""A pool: processes that train jobs side by side, within the cores of this machine."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any

from nndsl.experiment.job import Job, Outcome, Results
from nndsl.source import Source

OnEpoch = Callable[[Job, Results], bool]  # shall it go on? asked of trials alone
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Worker:
    """A process of `nndsl.experiment.worker`, and the conversation with it."""

    def __init__(
        self, source: Source, threads: int, *, optimize: bool, inherited: Sequence[int] = ()
    ) -> None:
        number = str(max(1, threads))
        environment = {**dict.fromkeys(THREADS, number), **os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nndsl.experiment.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is for the one who leads
            pass_fds=inherited,
        )
        path = str(source.path) if source.path else None
        self._tell({"name": source.name, "text": source.text, "path": path, "optimize": optimize})

    def perform(self, job: Job, on_epoch: OnEpoch) -> Outcome:
        """Let the process train; return what became of it, also where the process ends early."""
        folder = str(job.folder) if job.folder else None
        rows: list[Results] = []
        try:
            self._tell(
                {
                    "kind": job.kind,
                    "settings": dict(job.settings),
                    "folder": folder,
                    "digest": job.digest,
                }
            )
            while True:
                answer = self._hear()
                if "end" in answer:
                    return Outcome(job, tuple(rows), **answer["end"])
                rows.append(answer["epoch"])
                goes_on = on_epoch(job, rows[-1])
                if job.kind == "trial":
                    self._tell(goes_on)
        except (BrokenPipeError, EOFError):
            code = self._process.wait()
            problem = f"its process ended with code {code}"
            return Outcome(job, tuple(rows), problem=problem, lost=True)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            try:
                stream.close()
            except BrokenPipeError:  # what was not sent yet
                continue

    def _tell(self, message: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise EOFError
        return json.loads(line)


def perform_all(
    source: Source,
    jobs: Iterable[Job],
    *,
    workers: int,
    optimize: bool = False,
    inherited: Sequence[int] = (),
    on_start: Callable[[Job], object] = lambda job: None,
    on_epoch: OnEpoch = lambda job, row: True,
) -> Generator[Outcome, None, None]:
    """Yield the outcome of each job as it ends; `workers` of them are trained at a time.

    `jobs` is read when a worker is free, in threads, but by one at a time, and may make it wait.
    `on_start` and `on_epoch` are called in threads, never two of these at a time. Where the caller
    stops listening, all processes end. `inherited` are open files of this process that stay open
    until the last of them has ended.
    """
    waiting = iter(jobs)
    lock, taking = threading.RLock(), threading.Lock()
    ended: queue.Queue[Outcome | BaseException | None] = queue.Queue()
    started: dict[int, Worker] = {}
    over = threading.Event()

    def watched(job: Job, row: Results) -> bool:
        with lock:
            return on_epoch(job, row)

    def take() -> Job | None:
        with taking:
            job = None if over.is_set() else next(waiting, None)
        if job is not None:
            with lock:
                on_start(job)
        return job

    def serve(number: int) -> None:
        try:
            while (job := take()) is not None:
                worker = started.get(number)
                if worker is None or not worker.is_alive:
                    threads = cores() // workers
                    worker = Worker(source, threads, optimize=optimize, inherited=inherited)
                    started[number] = worker
                ended.put(worker.perform(job, watched))
        except BaseException as error:
            ended.put(error)
        if over.is_set() and number in started:  # it may have begun while the others were closed
            started[number].close()
        ended.put(None)

    served = [threading.Thread(target=serve, args=(n,), daemon=True) for n in range(workers)]
    for thread in served:
        thread.start()
    try:
        for _ in served:
            while (outcome := ended.get()) is not None:
                if isinstance(outcome, BaseException):
                    raise outcome
                yield outcome
    finally:
        over.set()
        for worker in list(started.values()):
            worker.close()
