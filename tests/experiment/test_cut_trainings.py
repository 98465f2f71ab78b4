"""A training that is cut, at any statement, counts as cut."""

from __future__ import annotations

import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from nndsl.experiment.job import Job, Outcome
from nndsl.experiment.outcome_cache import load_outcome
from nndsl.experiment.worker import run_job
from nndsl.source import Source

SPEC = """\
model cut
data = spiral(samples=40, validation=0.2, test=0.2)
network { dense(4); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 6; seed = 3; STOP }
"""
FILES = ("cut.py", "run.py", "worker.py", "outcome_cache.py", "model.py", "files.py")


@contextmanager
def cut_at(statement: int) -> Iterator[list[tuple[str, int]]]:
    """Raise KeyboardInterrupt before a statement of a training, by its number from 1.

    Yield the file and the line of each, in the order in which they run.
    """
    lines: list[tuple[str, int]] = []

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        name = Path(frame.f_code.co_filename).name
        if name not in FILES:
            return None
        if event == "line":
            lines.append((name, frame.f_lineno))
            if len(lines) == statement:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(before)


def times(lines: list[tuple[str, int]]) -> list[int]:
    """Return the numbers of the first, the second and the last time that each line runs."""
    runs: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, line in enumerate(lines, 1):
        runs[line].append(number)
    return sorted({number for found in runs.values() for number in (*found[:2], found[-1])})


def train(spec: str, job: Job) -> None:
    assert job.folder is not None
    shutil.rmtree(job.folder, ignore_errors=True)
    said = {"kind": "run", "settings": {}, "folder": str(job.folder), "digest": job.digest}
    run_job(Source("cut.nn", spec), said, lambda row: True, optimize=False)


def weights(job: Job) -> dict[str, bytes]:
    assert job.folder is not None
    with np.load(job.folder / "weights.npz") as file:
        return {name: file[name].tobytes() for name in file.files}


def timeless(outcome: Outcome | None) -> Outcome | None:
    return outcome and replace(outcome, seconds=0)


@pytest.mark.slow
@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize(
    ("stop", "first"), [("", 0), ("stop = early(patience=2)", 6)], ids=["epochs", "early"]
)
def test_a_training_that_is_cut_anywhere_is_not_done(stop: str, first: int, tmp_path: Path) -> None:
    """At every twelfth statement: most run in both trainings, which begin at different ones."""
    spec, job = SPEC.replace("STOP", stop), Job("cut", {}, tmp_path / "cut", digest="0")
    with cut_at(0) as lines:
        train(spec, job)
    whole, its_weights = timeless(load_outcome(job)), weights(job)
    assert whole is not None
    statements = times(lines)[first::12]
    assert len(statements) > 30
    for statement in statements:
        raised = False
        with cut_at(statement):
            try:
                train(spec, job)
            except KeyboardInterrupt:
                raised = True
        found = timeless(load_outcome(job))
        assert found in (None, whole), statement
        assert raised or found == whole, statement  # the script's last line, after its own loop
        if found:
            assert weights(job) == its_weights, statement
