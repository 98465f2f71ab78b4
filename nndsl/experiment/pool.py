"""A pool of processes that train jobs side by side, on the cores of this machine."""

import json
import os
import queue
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextvars import copy_context
from typing import Any

from nndsl.experiment.job import Job, Outcome, Results
from nndsl.experiment.process import Process, spawn_worker
from nndsl.languages import chosen_language
from nndsl.source import Source

OnEpoch = Callable[[Job, Results], bool]  # returns whether a trial goes on


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_each(workers: int) -> int:
    """Return how many threads each of so many workers may use for matrix products."""
    return max(1, cores() // workers)


class Lost(Exception):
    """The process of a worker has ended, however its pipes show that."""


class Worker:
    """A process that trains, and the messages to and from it."""

    def __init__(self, process: Process, source: Source, *, optimize: bool) -> None:
        self._process = process
        self._closing = threading.Lock()
        path = str(source.path) if source.path else None
        spec = {"name": source.name, "text": source.text, "path": path, "optimize": optimize} | {
            "words": list(map(str, source.words)),
            "language": chosen_language(),
        }
        self._unsent: list[object] = [spec]  # until there is a job: the process may be lost

    def run_job(self, job: Job, on_epoch: OnEpoch) -> Outcome:
        """Let the process train; return the outcome, even if the process dies."""
        folder = str(job.folder) if job.folder else None
        rows: list[Results] = []
        try:
            while self._unsent:
                self._send(self._unsent.pop())
            self._send(
                {
                    "kind": job.kind,
                    "settings": dict(job.settings),
                    "folder": folder,
                    "digest": job.digest,
                }
            )
            while True:
                answer = self._receive()
                if "end" in answer:
                    return Outcome(job, tuple(rows), **answer["end"])
                rows.append(answer["epoch"])
                goes_on = on_epoch(job, rows[-1])
                if job.kind == "trial":
                    self._send(goes_on)
        except Lost:
            code = self._process.wait()
            problem = f"its process ended with code {code}"
            return Outcome(job, tuple(rows), problem=problem, lost=True)

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def close(self) -> None:
        """Kill the process. Several threads may call this at the same time."""
        with self._closing:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.jobs, self._process.answers):
                try:
                    stream.close()
                except OSError:  # what was not sent yet
                    continue

    def _send(self, message: object) -> None:
        try:
            self._process.jobs.write(json.dumps(message) + "\n")
            self._process.jobs.flush()
        except OSError:  # a broken pipe, which is an invalid argument on Windows
            raise Lost from None

    def _receive(self) -> Any:
        line = self._process.answers.readline()
        if not line.endswith("\n"):  # the process has ended, perhaps in the middle of a line
            raise Lost
        return json.loads(line)


def run_jobs(
    source: Source,
    jobs: Iterable[Job],
    *,
    workers: int,
    optimize: bool = False,
    inherited: Sequence[int] = (),
    started: Sequence[Process] = (),
    on_start: Callable[[Job], object] = lambda job: None,
    on_epoch: OnEpoch = lambda job, row: True,
) -> Generator[Outcome, None, None]:
    """Yield the outcome of each job when it ends; `workers` of them train at a time.

    `jobs` is iterated when a worker is free, by one thread at a time, and may block.
    `on_start` and `on_epoch` are called in threads, but never two at the same time. If the caller
    closes the generator, all processes end. `inherited` are open files of this process that stay
    open until the last of them has ended. `started` are processes that are there already.
    """
    waiting = iter(jobs)
    lock, taking = threading.RLock(), threading.Lock()
    ended: queue.Queue[Outcome | BaseException | None] = queue.Queue()
    running = {n: Worker(p, source, optimize=optimize) for n, p in enumerate(started)}
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
                worker = running.get(number)
                if worker is None or not worker.is_alive:
                    if worker is not None:
                        worker.close()
                    process = spawn_worker(threads_each(workers), inherited)
                    worker = running[number] = Worker(process, source, optimize=optimize)
                ended.put(worker.run_job(job, watched))
        except BaseException as error:
            ended.put(error)
        if over.is_set() and number in running:  # started while the others were closed
            running[number].close()
        ended.put(None)

    served = [  # each in the language of its caller
        threading.Thread(target=copy_context().run, args=(serve, n), daemon=True)
        for n in range(workers)
    ]
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
        for worker in list(running.values()):
            worker.close()
