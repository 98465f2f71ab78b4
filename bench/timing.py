"""Interleaved measurements: round after round everyone takes some steps, one after the other.

What disturbs the machine for a while disturbs all of them alike. Each contestant is a process
of its own, stopped while another one is measured: threads that wait for work keep spinning, and
would take the cores away.
"""

from __future__ import annotations

import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench.machine import unset_variables

WARM_UP = 0.3  # seconds
SHARE = 0.05  # seconds of steps a round


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds a step, one number for each round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def quartiles(self) -> tuple[float, float]:
        first, _, third = statistics.quantiles(self.rounds, n=4)
        return first, third

    @property
    def least(self) -> float:
        return min(self.rounds)


class Worker:
    """A process that takes steps when it is told to, and says how long they took."""

    def __init__(self, contestant: str, network: str, threads: int | None = None) -> None:
        environment = unset_variables()
        if threads is not None:
            environment |= {"OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.worker", contestant, network],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def steps(self, count: int) -> float:
        """Take steps; return the seconds that one of them took. RuntimeError if it ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        self._process.send_signal(signal.SIGCONT)
        answer = self._process.stdout.readline()
        self._process.send_signal(signal.SIGSTOP)
        if not answer:
            raise RuntimeError("a worker ended before its work did")
        return float(answer) / count

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.send_signal(signal.SIGCONT)
        self._process.wait()


@contextmanager
def workers(makers: Mapping[str, Callable[[], Worker]]) -> Iterator[dict[str, Worker]]:
    """Start the workers, and end them at the end."""
    with ExitStack() as stack:
        started = {}
        for name, make in makers.items():
            started[name] = make()
            stack.callback(started[name].close)
        yield started


def interleaved(started: Mapping[str, Worker], rounds: int) -> dict[str, Times]:
    """Return the times of all, measured in turns."""
    counts = {}
    for name, worker in started.items():
        worker.steps(1)
        begun, taken = time.perf_counter(), worker.steps(3)
        while time.perf_counter() - begun < WARM_UP:
            taken = worker.steps(max(1, int(SHARE / taken / 3)))
        counts[name] = max(2, int(SHARE / taken))
    measured: dict[str, list[float]] = {name: [] for name in started}
    for number in range(rounds):
        for name in _rotated(list(started), number):
            measured[name].append(started[name].steps(counts[name]))
    return {name: Times(tuple(rounds)) for name, rounds in measured.items()}


def _rotated(names: list[str], by: int) -> Iterable[str]:
    by %= len(names)
    return [*names[by:], *names[:by]]
