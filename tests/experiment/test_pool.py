"""Jobs in processes side by side."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nndsl.experiment.job import Job
from nndsl.experiment.pool import Worker, run_jobs
from nndsl.experiment.process import Process
from nndsl.source import Source

DATA = "spiral(samples=60, validation=0.2, test=0.2)"
SPEC = f"""
data = {DATA}
let rate = 0.1
network {{ dense(8); relu; dense(3) }}
train {{ loss = softmax_cross_entropy; optimizer = sgd(lr=rate); epochs = 3 }}
"""
SOURCE = Source("net.nn", SPEC)


def job(name: str, folder: Path, **settings: str) -> Job:
    return Job(name, settings, folder / name)


@pytest.mark.slow
def test_the_script_of_a_job_runs_where_it_is_kept(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("\n".join(["a,kind", *(f"{n},{n % 3}" for n in range(30))]))
    path = tmp_path / "net.nn"
    source = Source("net.nn", SPEC.replace(DATA, 'csv("t.csv", target="kind", classes=true)'), path)
    (outcome,) = run_jobs(source, [job("rate-1", tmp_path)], workers=1)
    assert not outcome.problem
    script = [sys.executable, "train.py"]
    done = subprocess.run(script, cwd=tmp_path / "rate-1", check=True, capture_output=True)
    assert done.stdout == (tmp_path / "rate-1" / "output.txt").read_bytes()


@pytest.mark.slow
def test_every_job_is_done_once_and_in_its_folder(tmp_path: Path) -> None:
    jobs = [job(f"rate-{rate}", tmp_path, rate=str(rate)) for rate in (0.1, 0.2, 0.3)]
    outcomes = {o.job.name: o for o in run_jobs(SOURCE, jobs, workers=2)}
    assert set(outcomes) == {"rate-0.1", "rate-0.2", "rate-0.3"}
    for name, outcome in outcomes.items():
        assert not outcome.problem
        assert [row["epoch"] for row in outcome.rows] == [1, 2, 3]
        kept = json.loads((tmp_path / name / "results.json").read_text())
        assert kept.pop("baselines")
        assert outcome.results == kept
        assert "test_accuracy" in kept
        with (tmp_path / name / "history.csv").open() as file:
            assert len(list(csv.DictReader(file))) == 3
        assert "test loss" in (tmp_path / name / "output.txt").read_text()
    assert len({o.results["loss"] for o in outcomes.values()}) == 3


@pytest.mark.slow
def test_a_trial_can_be_stopped_and_does_not_see_the_test_part() -> None:
    trials = [Job(str(n), {"train.seed": str(n)}, kind="trial") for n in range(3)]
    seen = run_jobs(
        SOURCE, trials, workers=2, on_epoch=lambda job, row: job.name != "1" or row["epoch"] < 2
    )
    outcomes = {outcome.job.name: outcome for outcome in seen}
    assert [len(outcomes[name].rows) for name in "012"] == [3, 2, 3]
    assert [outcomes[name].stopped for name in "012"] == [False, True, False]
    assert not any(name.startswith("test") for o in outcomes.values() for name in o.results)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"rate": "1e6", "train.regularize": "l2(1)"}, "training diverged: epoch"),
        ({"train.epochs": "0"}, "the spec has errors: `epochs` must be at least 1"),
        ({"data": 'npz("missing.npz", x="x", t="t")'}, "missing.npz"),
    ],
)
def test_what_goes_wrong_is_told_and_the_others_go_on(
    tmp_path: Path, settings: dict[str, str], problem: str
) -> None:
    jobs = [job("bad", tmp_path, **settings), job("good", tmp_path)]
    outcomes = {o.job.name: o for o in run_jobs(SOURCE, jobs, workers=1)}
    assert problem in outcomes["bad"].problem
    assert not outcomes["good"].problem


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_its_job_alone() -> None:
    trials = [Job(str(n), {}, kind="trial") for n in range(3)]
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    killed: list[int] = []

    def kill_once(job: Job, row: dict[str, float]) -> bool:
        if job.name == "1" and not killed:
            mine = {
                int(pid)
                for task in Path(f"/proc/{os.getpid()}/task").iterdir()
                for pid in (task / "children").read_text().split()
            }
            workers = [p for p in mine if b"experiment.worker" in _command(p)]
            killed.extend(workers)
            os.kill(workers[0], signal.SIGKILL)
        return True

    if not children.exists():
        pytest.skip("the system does not say which processes are children")
    outcomes = {o.job.name: o for o in run_jobs(SOURCE, trials, workers=1, on_epoch=kill_once)}
    assert len(killed) == 1
    assert "its process ended" in outcomes["1"].problem
    assert len(outcomes["0"].rows) == len(outcomes["2"].rows) == 3


def ended(text: str, code: int) -> Process:
    """Return a process that has said a text and ended."""
    command = [sys.executable, "-c", f"import sys; print({text!r}, end=''); sys.exit({code})"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
    process.wait()
    assert process.stdin is not None
    assert process.stdout is not None
    ends = process.stdin, process.stdout
    return Process(*ends, lambda: process.poll() is None, process.kill, process.wait)


class Invalid(io.StringIO):
    """A broken pipe on Windows, or one whose end is seen only where it is read."""

    def __init__(self, is_broken: bool) -> None:
        super().__init__()
        self.is_broken = is_broken

    def flush(self) -> None:
        if self.is_broken and not self.closed:
            raise OSError(errno.EINVAL, "Invalid argument")


@pytest.mark.parametrize(
    ("text", "is_broken"), [("", None), ("", True), ('{"epoch": {"ep', False), ("", False)]
)
def test_a_process_that_ends_before_its_job_or_in_mid_line_is_lost(
    text: str, is_broken: bool | None
) -> None:
    process = ended(text, 3)
    if is_broken is not None:
        process.jobs.close()
        process = replace(process, jobs=Invalid(is_broken))
    worker = Worker(process, SOURCE, optimize=False)
    outcome = worker.run_job(Job("1", {}, kind="trial"), lambda job, row: True)
    worker.close()
    assert outcome.lost
    assert outcome.problem == "its process ended with code 3"


@pytest.mark.slow
def test_who_cannot_be_told_of_an_epoch_is_no_lost_process() -> None:
    def told(job: Job, row: dict[str, float]) -> bool:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    with pytest.raises(BrokenPipeError):
        list(run_jobs(SOURCE, [Job("1", {}, kind="trial")], workers=1, on_epoch=told))


@pytest.mark.slow
def test_a_worker_whose_leader_has_ended_says_nothing() -> None:
    command = [sys.executable, "-c", "from nndsl.experiment.worker import main; main()"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        assert worker.stderr is not None
        worker.stdout.close()  # as it is when the leader was killed, but stdin stays open
        spec = {"name": "net.nn", "text": SPEC, "path": None, "words": [], "optimize": False}
        spec |= {"language": "en"}
        trial = {"kind": "trial", "settings": {}, "folder": None, "digest": ""}
        worker.stdin.write(f"{json.dumps(spec)}\n{json.dumps(trial)}\n")
        worker.stdin.flush()
        assert (worker.wait(), worker.stderr.read()) == (1, "")


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.mark.slow
def test_who_stops_listening_leaves_no_process_behind() -> None:
    trials = [Job(str(n), {"train.epochs": "100000"}, kind="trial") for n in range(2)]
    pids: set[int] = set()

    def look(job: Job, row: dict[str, float]) -> bool:
        if row["epoch"] > 3:
            raise RuntimeError("enough")
        pids.update(
            int(pid)
            for task in Path(f"/proc/{os.getpid()}/task").iterdir()
            for pid in (task / "children").read_text().split()
        )
        return True

    with pytest.raises(RuntimeError, match="enough"):
        list(run_jobs(SOURCE, trials, workers=2, on_epoch=look))
    assert pids
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists() and _command(pid)]
