"""Processes that do jobs: what becomes of one that ends, fails or takes too long."""

from __future__ import annotations

from pathlib import Path

import pytest

from nndsl.confined import process
from nndsl.confined.process import JobError, Workers

JOBS = """
import os, pathlib, time
from nndsl.confined.process import do_jobs
pathlib.Path({started!r}).touch()

def do(what):
    if what == "fails":
        raise LookupError("of a job")
    if what == "ends":
        os._exit(3)
    while what == "lasts":
        time.sleep(1)
    return os.getpid()

def main():
    do_jobs(do)
"""

JOB = "proof"  # what it is called


@pytest.fixture
def started(tmp_path: Path) -> Path:
    """Return the file that is there once a process has begun with its imports."""
    return tmp_path / "started"


@pytest.fixture
def workers(tmp_path: Path, started: Path, monkeypatch: pytest.MonkeyPatch) -> Workers:
    (tmp_path / "jobs_of_a_test.py").write_text(JOBS.format(started=str(started)), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return Workers("jobs_of_a_test")


def test_an_idle_process_that_has_ended_is_asked_nothing(workers: Workers) -> None:
    first = workers.call(JOB, ("",), 60)
    assert workers.call(JOB, ("",), 60) == first
    workers.idle[0].process.kill()
    workers.idle[0].process.wait(60)
    assert workers.call(JOB, ("",), 60) != first
    assert len(workers.idle) == 1


@pytest.mark.parametrize(
    ("job", "said"), [("fails", "LookupError: of a job"), (("no", "such"), "TypeError: .*")]
)
def test_a_job_that_fails_is_answered_by_a_process_that_goes_on(
    workers: Workers, job: str | tuple[str, ...], said: str
) -> None:
    first = workers.call(JOB, ("",), 60)
    with pytest.raises(JobError, match=f"^`{JOB}` failed, which is a bug of nndsl: {said}"):
        workers.call(JOB, (job,) if isinstance(job, str) else job, 60)
    assert workers.call(JOB, ("",), 60) == first


def test_time_counts_from_the_job_on(
    workers: Workers, started: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a process that took long to start, and ended by itself, did not take too long."""
    monkeypatch.setattr(process, "monotonic", lambda: 1000.0 if started.exists() else 0.0)
    with pytest.raises(JobError, match=f"^the process that did `{JOB}` has ended$"):
        workers.call(JOB, ("ends",), 60)


def test_a_job_that_takes_too_long_ends_its_process(workers: Workers) -> None:
    with pytest.raises(JobError, match=f"^`{JOB}` was ended after 0.01 seconds$"):
        workers.call(JOB, ("lasts",), 0.01)
    assert not workers.idle
