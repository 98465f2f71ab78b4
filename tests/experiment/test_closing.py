"""A worker that two threads close at once: the one that leads, and the one that speaks with it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from nndsl.experiment.pool import Worker
from nndsl.source import Source

ROUNDS = 1000  # without a lock about one in 60 fails


class Ended:
    """A process that has ended, and left what it was told unread."""

    def __init__(self) -> None:
        self.theirs, jobs = os.pipe()
        answers, self.said = os.pipe()
        self.jobs, self.answers = os.fdopen(jobs, "w"), os.fdopen(answers)

    def kill(self) -> None:
        theirs, self.theirs = self.theirs, -1
        if theirs >= 0:
            os.close(theirs)

    def wait(self) -> int:
        return -9


@pytest.fixture
def hasty() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.slow
def test_two_threads_may_close_a_worker(hasty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", failed.append)
    for _ in range(ROUNDS):
        process = Ended()
        worker = Worker(process, Source("net.nn", "", None), optimize=False)  # type: ignore[arg-type]
        process.jobs.write("never sent")
        together = threading.Barrier(2)

        def close(worker: Worker = worker, together: threading.Barrier = together) -> None:
            together.wait()
            worker.close()

        threads = [threading.Thread(target=close) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        os.close(process.said)
    assert failed == []
