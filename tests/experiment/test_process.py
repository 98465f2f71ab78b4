"""Processes that train as copies of the command's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nndsl.experiment.process import can_fork

PROGRAM = """
import os, signal, sys, threading
from pathlib import Path
from nndsl.experiment.job import Job
from nndsl.experiment.pool import run_jobs
from nndsl.experiment.process import can_fork, fork_workers
from nndsl.source import Source

SOURCE = Source("net.nn", '''
data = spiral(samples=60, validation=0.2)
network { dense(8); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 3 }
''')
JOBS = [Job(str(n), {"train.seed": str(n)}, kind="trial") for n in range(4)]

def results(started, on_epoch=lambda job, row: True, jobs=JOBS):
    ended = run_jobs(SOURCE, jobs, workers=2, started=started, on_epoch=on_epoch)
    return {outcome.job.name: outcome for outcome in ended}

def children():
    tasks = Path("/proc/self/task").iterdir()
    return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}
"""

SAME = """
assert can_fork()
copied, anew = results(fork_workers(2)), results([])
assert {n: o.results for n, o in copied.items()} == {n: o.results for n, o in anew.items()}
assert not children()
waits = threading.Event()
threading.Thread(target=waits.wait).start()
assert not can_fork()
waits.set()
"""

KILLED = """
killed = []
def kill_once(job, row):
    if job.name == "1" and not killed:
        killed.extend(children())
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
    return True
found = results(fork_workers(2), kill_once)
assert len(killed) == 2
assert found["1"].lost and "its process ended with code -9" in found["1"].problem
ended = [outcome for outcome in found.values() if not outcome.lost]
assert len(ended) >= 2 and all(len(outcome.rows) == 3 for outcome in ended)
"""

NO_MORE = """
fork, files, forks = os.fork, len(os.listdir("/proc/self/fd")), []
def fork_twice():
    if len(forks) == 2:
        raise BlockingIOError("no more processes")
    pid = fork()
    forks.append(pid)
    return pid
os.fork = fork_twice
try:
    fork_workers(3)
except BlockingIOError:
    pass
else:
    sys.exit("three forks were allowed")
assert len(forks) == 2 and not children()
assert len(os.listdir("/proc/self/fd")) <= files + 4  # the ends that multiprocessing forgets
"""

LEFT_ALONE = """
def die(job, row):
    if row["epoch"] > 3:
        print(*children(), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    return True
long = {"train.epochs": "1_000_000"}
results(fork_workers(2), die, [Job(str(n), long, kind="trial") for n in "12"])
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="copies are made on Linux"),
]


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM + program],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("program", [SAME, KILLED, NO_MORE], ids=["same", "killed", "no more"])
def test_a_fork_works_as_a_spawned_process(program: str) -> None:
    done = run(program)
    assert done.returncode == 0, done.stderr


def test_copies_end_with_their_leader() -> None:
    """Each is left alone with its pipe, of which no other holds an end.

    They write where their leader writes: that they do so no longer is what `run` waits for.
    """
    done = run(LEFT_ALONE)
    assert done.returncode == -signal.SIGKILL
    left = done.stdout.split()
    assert len(left) == 2
    assert not any(map(is_alive, left))


def is_alive(process: str) -> bool:
    path = Path("/proc", process, "cmdline")
    return path.exists() and bool(path.read_bytes())


@pytest.mark.parametrize("threads", ["2", None])
def test_nothing_is_copied_that_has_or_gets_more_threads(
    threads: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    if threads:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
    assert not can_fork()
