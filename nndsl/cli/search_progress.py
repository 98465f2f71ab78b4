"""Progress of a search: a line for each trial, and bars on a terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nndsl.cli.output import say
from nndsl.cli.printable import printable
from nndsl.experiment.search.observer import Observer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from nndsl.experiment.search.plan import Plan
    from nndsl.experiment.search.trial import Trial


@contextmanager
def observing(plan: Plan) -> Iterator[Lines]:
    """Yield the observer of a search."""
    if not sys.stderr.isatty():
        yield Lines(plan)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[said]}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield Bars(plan, bars)


class Lines(Observer):
    """Prints a line when a trial ends."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._lock = threading.RLock()
        self._best: float | None = None
        self._total = plan.trials
        self.done = 0

    def begin(self, ended: Sequence[Trial], total: int) -> None:
        self._total, self.done = total, len(ended)
        for trial in ended:
            self.is_best(trial)
        if ended:
            say(f"{len(ended)} of {total} trials have ended before")

    def ended(self, trial: Trial) -> None:
        with self._lock:
            self.done = min(self._total, self.done + 1)
            self.show(trial, self.is_best(trial))

    def is_best(self, trial: Trial) -> bool:
        """Whether a trial is the best so far, which is remembered."""
        if trial.end != "finished" or trial.value is None:
            return False
        if self._best is not None:
            lead = trial.value - self._best
            if (lead if self._plan.maximize else -lead) <= 0:
                return False
        self._best = trial.value
        return True

    def show(self, trial: Trial, is_best: bool) -> None:
        """Show the end of a trial."""
        print(self.line(trial, is_best), flush=True)

    def line(self, trial: Trial, is_best: bool) -> str:
        """Return a line about a trial."""
        number = str(trial.number + 1).rjust(len(str(self._total)))
        ends = {
            "finished": "best so far" if is_best else "",
            "stopped": f"stopped after epoch {trial.epochs}",
            "diverged": "diverged",
            "failed": trial.problem,
        }
        value = " " * 6 if trial.value is None else f"{trial.value:.4f}"
        values = "  ".join(f"{name} {value:<9}" for name, value in trial.settings.items())
        said = f"trial {number}/{self._total}  {value}  {values}  {ends[trial.end]}"
        return printable(said.rstrip())


class Bars(Lines):
    """Draws a bar for all trials, with the best value so far, and one for each that runs."""

    def __init__(self, plan: Plan, bars: Progress) -> None:
        super().__init__(plan)
        self._bars = bars
        self._running: dict[int, TaskID] = {}
        train = plan.spec.train
        self._epochs = train.epochs if train is not None else None

    def begin(self, ended: Sequence[Trial], total: int) -> None:
        super().begin(ended, total)
        self._all = self._bars.add_task("trials", total=total, completed=self.done, said="")

    def started(self, number: int) -> None:
        with self._lock:
            self._running[number] = self._bars.add_task(
                f"  trial {number + 1}", total=self._epochs, said=""
            )

    def epoch(self, number: int, epoch: int, value: float) -> None:
        with self._lock:
            last = epoch == self._epochs
            if number in self._running and last:
                self._bars.remove_task(self._running.pop(number))
            elif number in self._running:
                self._bars.update(self._running[number], completed=epoch, said=f"{value:.4f}")

    def show(self, trial: Trial, is_best: bool) -> None:
        if trial.number in self._running:
            self._bars.remove_task(self._running.pop(trial.number))
        if is_best or trial.end == "failed":
            self._bars.console.print(self.line(trial, is_best), markup=False, highlight=False)
        best = "" if self._best is None else f"best {self._best:.4f}"
        self._bars.update(self._all, completed=self.done, said=best)

    def finishing(self) -> None:
        self._bars.add_task("  training with the best values", total=None, said="")
