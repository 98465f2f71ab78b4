"""Progress of trainings side by side: a line at the end of each, and bars on a terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from nndsl.cli.arguments import is_quiet
from nndsl.cli.output import say
from nndsl.cli.printable import printable
from nndsl.experiment.job import Job, Outcome, Results
from nndsl.experiment.observer import Observer
from nndsl.languages import sentence, translated

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from nndsl.experiment.search.plan import Plan
    from nndsl.experiment.search.trial import Trial

Lines = TypeVar("Lines", "ComparisonLines", "SearchLines")


@contextmanager
def observing(
    lines: Callable[[], Lines], bars: Callable[[Progress], Lines], *, counts: bool
) -> Iterator[Lines]:
    """Yield an observer that prints lines, or on a terminal one that draws bars.

    With `counts`, the bars show numbers and the time left, and not percents.
    """
    if not sys.stderr.isatty() or is_quiet():
        yield lines()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24 if counts else 40),
        MofNCompleteColumn() if counts else TaskProgressColumn(),
        TextColumn("{task.fields[status]}", markup=False),
        *[TimeRemainingColumn()] * counts,
        console=Console(stderr=True),
        transient=True,
    )
    try:
        yield bars(progress)
    finally:
        progress.stop()


class ComparisonLines(Observer[Outcome]):
    """Prints a line when a training ends: `adam seed 0: epoch 20, validation accuracy 0.9722`."""

    def __init__(self) -> None:
        self.done = self.total = 0

    def begin(self, ended: Sequence[Outcome], total: int) -> None:
        self.done, self.total = len(ended), total
        if ended:
            say(f"{len(ended)} of {total} trainings were done before")

    def end(self, outcome: Outcome) -> None:
        self.done += outcome.is_final
        said = sentence(outcome.problem or _summary(outcome.results))
        say(printable(translated("{job}: {said}", job=outcome.job.name, said=said)))


class ComparisonBars(ComparisonLines):
    """Draws a bar for all trainings, and one for each that runs, with its last results."""

    def __init__(self, bars: Progress, epochs: Mapping[str, int | None]) -> None:
        super().__init__()
        self._bars = bars
        self._epochs = epochs
        self._running: dict[str, TaskID] = {}

    def begin(self, ended: Sequence[Outcome], total: int) -> None:
        super().begin(ended, total)
        self._bars.start()  # not before: no process with threads can be forked
        self._all = self._bars.add_task("trainings", total=total, completed=self.done, status="")

    def start(self, job: Job) -> None:
        total = self._epochs[job.name.partition(" ")[0]]
        self._running[job.name] = self._bars.add_task(printable(job.name), total=total, status="")

    def epoch(self, job: Job, row: Results) -> None:
        self._bars.update(
            self._running[job.name], completed=row["epoch"], status=translated(_summary(row))
        )

    def end(self, outcome: Outcome) -> None:
        super().end(outcome)
        self._bars.remove_task(self._running.pop(outcome.job.name))
        self._bars.advance(self._all)


def _summary(results: Results) -> str:
    from nndsl.experiment.comparison.results import choose_criterion, column_title

    criterion = choose_criterion(list(results))
    return sentence(
        "epoch {epoch}, {metric} {value}",
        epoch=f"{results['epoch']:g}",
        metric=column_title(criterion),
        value=f"{results[criterion]:.4g}",
    )


class SearchLines(Observer["Trial"]):
    """Prints a line when a trial ends."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.lock = threading.RLock()
        self.best: float | None = None
        self.done, self.total = 0, plan.trials

    def begin(self, ended: Sequence[Trial], total: int) -> None:
        self.done, self.total = len(ended), total
        for trial in ended:
            self._is_best(trial)
        if ended:
            say(f"{len(ended)} of {total} trials have ended before")

    def end(self, trial: Trial) -> None:
        with self.lock:
            self.done = min(self.total, self.done + 1)
            self.show(trial, is_best=self._is_best(trial))

    def _is_best(self, trial: Trial) -> bool:
        """Whether a trial is the best so far, which is remembered."""
        if trial.end != "finished" or trial.value is None:
            return False
        if self.best is not None:
            lead = trial.value - self.best
            if (lead if self.plan.maximize else -lead) <= 0:
                return False
        self.best = trial.value
        return True

    def show(self, trial: Trial, *, is_best: bool) -> None:
        """Show the end of a trial."""
        print(self.line(trial, is_best=is_best), flush=True)

    def line(self, trial: Trial, *, is_best: bool) -> str:
        """Return a line about a trial."""
        number = str(trial.number + 1).rjust(len(str(self.total)))
        ends = {
            "finished": "best so far" if is_best else "",
            "stopped": f"stopped after epoch {trial.epochs}",
            "diverged": "diverged",
            "failed": trial.problem,
        }
        value = " " * 6 if trial.value is None else f"{trial.value:.4f}"
        values = "  ".join(f"{name} {value:<9}" for name, value in trial.settings.items())
        trial_of = translated("trial {number}", number=f"{number}/{self.total}")
        line = f"{trial_of}  {value}  {values}  {translated(ends[trial.end])}"
        return printable(line.rstrip())


class SearchBars(SearchLines):
    """Draws a bar for all trials, with the best value so far, and one for each that runs."""

    def __init__(self, plan: Plan, bars: Progress) -> None:
        super().__init__(plan)
        self._bars = bars
        self._running: dict[str, TaskID] = {}
        train = plan.spec.train
        self._epochs = train.epochs if train is not None else None

    def begin(self, ended: Sequence[Trial], total: int) -> None:
        super().begin(ended, total)
        self._bars.start()
        self._all = self._bars.add_task("trials", total=total, completed=self.done, status="")

    def start(self, job: Job) -> None:
        with self.lock:
            label = f"  trial {int(job.name) + 1}"
            self._running[job.name] = self._bars.add_task(label, total=self._epochs, status="")

    def epoch(self, job: Job, row: Results) -> None:
        with self.lock:
            if job.name in self._running and row["epoch"] == self._epochs:
                self._bars.remove_task(self._running.pop(job.name))
            elif job.name in self._running:
                value = f"{self.plan.metric_of(row):.4f}"
                self._bars.update(self._running[job.name], completed=row["epoch"], status=value)

    def show(self, trial: Trial, *, is_best: bool) -> None:
        if str(trial.number) in self._running:
            self._bars.remove_task(self._running.pop(str(trial.number)))
        if is_best or trial.end == "failed":
            line = self.line(trial, is_best=is_best)
            self._bars.console.print(line, markup=False, highlight=False)
        best = "" if self.best is None else f"best {self.best:.4f}"
        self._bars.update(self._all, completed=self.done, status=best)

    def finishing(self) -> None:
        self._bars.add_task("  training with the best values", total=None, status="")
