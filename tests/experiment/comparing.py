"""A small comparison to test with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.experiment.comparison.comparison import Comparison
from nndsl.experiment.comparison.plan import Plan, make_plan
from nndsl.experiment.comparison.runner import make_comparison
from nndsl.experiment.job import Job, Outcome
from nndsl.experiment.observer import Observer
from nndsl.source import Source

SPEC = """\
let rate = 0.1
let width = 8
data = spiral(samples=60, validation=0.2, test=0.2)
network {
  dense(width)
  relu
  dense(6)
  relu
  dense(3)
}
train {
  loss      = softmax_cross_entropy
  optimizer = sgd(lr=rate)
  epochs    = 3
  seed      = 4
}
compare(seeds=2) {
  variant plain { rate = 0.2 }
  variant other { optimizer = adam(lr=rate / 10) }
  variant wide  { width = 12 }
}
"""
PLAIN, OTHER, WIDE = "plain", "other", "wide"


class Counting(Observer[Outcome]):
    """Remembers which trainings began and which had ended before."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[str] = []

    def start(self, job: Job) -> None:
        self.begun.append(job.name)


def plan_of(
    text: str = SPEC,
    *,
    name: str = "net.nn",
    path: Path | None = None,
    seeds: int | None = None,
    settings: Mapping[str, str] | None = None,
    optimize: bool = False,
) -> Plan:
    """Return the plan of a text that is a spec without errors."""
    diagnostics = Diagnostics()
    checked = analyse(Source(name, text, path), diagnostics, settings or {})
    diagnostics.raise_if_failed()
    return make_plan(checked, settings or {}, seeds=seeds, optimize=optimize)


def compare(plan: Plan, folder: Path, *, fresh: bool = False) -> tuple[Comparison, list[str]]:
    """Make a comparison; return what came of it, and the names of the trainings that it took."""
    observer = Counting()
    comparison = make_comparison(plan, folder, workers=2, fresh=fresh, observer=observer)
    return comparison, sorted(observer.begun)


def outcome(*values: float, column: str = "validation_accuracy", diverged: str = "") -> Outcome:
    """Return the outcome of a training that reported these values, one an epoch."""
    rows = tuple(
        {"epoch": number, "loss": 1 / number, column: value}
        for number, value in enumerate(values, start=1)
    )
    if diverged:
        problem = f"training diverged: {diverged}"
        return Outcome(Job("", {}), rows, problem=problem, diverged=True)
    return Outcome(Job("", {}), rows, rows[-1])
