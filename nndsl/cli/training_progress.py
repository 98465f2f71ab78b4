"""Progress of trainings side by side: bars on a terminal, else a line at the end of each."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nndsl.cli.output import say
from nndsl.cli.printable import printable
from nndsl.experiment.comparison.plan import Plan
from nndsl.experiment.comparison.results import choose_criterion, column_title
from nndsl.experiment.comparison.training import Observer
from nndsl.experiment.job import Job, Outcome, Results

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def observing(plan: Plan) -> Iterator[Observer]:
    """Yield the observer of a comparison."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[said]}", markup=False),
    )
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    try:
        yield _Bars(bars, {variant.name: variant.epochs for variant in plan.variants})
    finally:
        bars.stop()


class _Lines(Observer):
    """Prints a line when a training ends: `adam seed 0: epoch 20, validation accuracy 0.9722`."""

    def begin(self, before: int, total: int) -> None:
        super().begin(before, total)
        if before:
            say(f"{before} of {total} trainings were done before")

    def end(self, outcome: Outcome) -> None:
        super().end(outcome)
        said = outcome.problem or _said(outcome.results)
        say(printable(f"{outcome.job.name}: {said}"))


class _Bars(_Lines):
    """Draws a bar for all trainings, and one for each that runs, with its last results."""

    def __init__(self, bars: Progress, epochs: Mapping[str, int | None]) -> None:
        super().__init__()
        self._bars = bars
        self._epochs = epochs
        self._tasks: dict[str, Any] = {}

    def begin(self, before: int, total: int) -> None:
        super().begin(before, total)
        self._bars.start()
        self._all = self._bars.add_task("trainings", total=total, completed=before, said="")

    def start(self, job: Job) -> None:
        total = self._epochs[job.name.partition(" ")[0]]
        self._tasks[job.name] = self._bars.add_task(printable(job.name), total=total, said="")

    def epoch(self, job: Job, row: Results) -> None:
        self._bars.update(self._tasks[job.name], completed=row["epoch"], said=_said(row))

    def end(self, outcome: Outcome) -> None:
        super().end(outcome)
        self._bars.remove_task(self._tasks.pop(outcome.job.name))
        self._bars.advance(self._all)


def _said(results: Results) -> str:
    criterion = choose_criterion(list(results))
    return f"epoch {results['epoch']:g}, {column_title(criterion)} {results[criterion]:.4g}"
