"""Small searches for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nndsl.diagnostics import Diagnostics
from nndsl.experiment.job import Job
from nndsl.experiment.observer import Observer
from nndsl.experiment.search.local import LocalSearch
from nndsl.experiment.search.manifest import claim
from nndsl.experiment.search.plan import Plan, make_plan
from nndsl.experiment.search.trial import Trial
from nndsl.source import Source

SPEC = """\
# A spiral, and how fast to learn it.
let rate  = 0.1   # the step
let width = 8
let depth = 1

data = spiral(samples=40, validation=0.25, test=0.25)

network {
  repeat(depth) { dense(width); relu }
  dense(3)
}

train {
  loss      = softmax_cross_entropy
  optimizer = sgd(lr=rate)
  epochs    = 5
}

search(trials=24, sampler=tpe, metric=validation_accuracy) {
  rate  = log_uniform(1e-3, 1e6)
  width = choice(4, 8, 16)
  depth = integer(1, 6)
}
"""


def source(text: str = SPEC, path: Path | None = None) -> Source:
    return Source(str(path) if path else "spiral.nn", text, path)


def plan(text: str = SPEC, **options: Any) -> Plan:
    settings = options.pop("settings", {})
    return make_plan(source(text), settings, Diagnostics(), **options)


class Seen(Observer[Trial]):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.started: list[int] = []
        self.ended: list[Trial] = []

    def start(self, job: Job) -> None:
        self.started.append(int(job.name))

    def end(self, trial: Trial) -> None:
        self.ended.append(trial)


def search(plan: Plan, folder: Path, *, workers: int = 2) -> tuple[list[Trial], Seen]:
    """Search in a folder; return the trials, and what was seen of it."""
    folder.mkdir(exist_ok=True)
    seen = Seen()
    own = claim(folder, plan, fresh=False)
    return LocalSearch(own, folder, seen, workers=workers).run(), seen
