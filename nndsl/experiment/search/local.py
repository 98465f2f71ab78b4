"""A search on one machine: deterministic, and it can be resumed at any moment.

Trial n is drawn when the trials 0 … n - lag have ended, and from their results alone; so are the
limits for stopping it early. Up to `lag` trials run side by side, and end in any order. What
has ended is saved at once: in order in study.db, a storage of Optuna, and what is ahead of its
turn in a file of its own in waiting/. Whenever a search is killed, the next
start knows all trials that have ended, and draws the same others.
"""

import contextlib
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import optuna
from optuna.storages import RDBStorage
from sqlalchemy.engine import URL

from nndsl.experiment.job import Job, Outcome
from nndsl.experiment.observer import Observer
from nndsl.experiment.pool import run_jobs
from nndsl.experiment.search.manifest import SEARCH, STUDY, WAITING
from nndsl.experiment.search.plan import Plan, SearchError
from nndsl.experiment.search.pruning import PruningHistory, is_hopeless
from nndsl.experiment.search.sampling import (
    TRIAL,
    TrialSampler,
    direction,
    silence_optuna,
    to_frozen_trial,
)
from nndsl.experiment.search.trial import Draw, Trial
from nndsl.files import create_folder, write_text

MAX_LOST = 3  # processes that die before a search gives up
MAX_FAILED = 3  # trials that fail while none has succeeded


class TrialStore:
    """The trials that have ended, on disk."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        """Read the trials of a folder. SearchError if they are damaged."""
        silence_optuna()
        self._plan = plan
        self._waiting = folder / WAITING
        create_folder(self._waiting)
        try:
            self._storage = RDBStorage(_address(folder / STUDY))
            self._study = optuna.create_study(
                study_name=SEARCH,
                storage=self._storage,
                direction=direction(plan),
                load_if_exists=True,
            )
            self.trials = {
                trial.number: Trial.from_json(trial.user_attrs[TRIAL])
                for trial in self._study.get_trials(deepcopy=False)
            }
        except Exception as error:  # a damaged file raises many kinds
            reason = str(error).partition("\n")[0]
            raise SearchError(f"{folder / STUDY} cannot be used: {reason}") from None
        self.in_order = len(self.trials)
        for path in sorted(self._waiting.glob("*.json")):
            trial = _read(path)
            if trial is None or trial.number < self.in_order:  # it is in the storage
                path.unlink()
            if trial is not None:
                self.trials.setdefault(trial.number, trial)

    def keep(self, trial: Trial) -> None:
        """Save a trial that has ended, whether or not it is its turn."""
        write_text(self._path(trial.number), json.dumps(trial.to_json()) + "\n")
        self.trials[trial.number] = trial

    def commit(self) -> Iterator[Trial]:
        """Move the trials whose turn it is to the storage, in order, and yield them."""
        while (trial := self.trials.get(self.in_order)) is not None:
            self._study.add_trial(to_frozen_trial(trial, self._plan))
            self._path(trial.number).unlink(missing_ok=True)
            self.in_order += 1
            yield trial

    def close(self) -> None:
        """Close the storage, and remove the folder of what waits for its turn, if nothing does."""
        self._storage.remove_session()
        with contextlib.suppress(OSError):
            self._waiting.rmdir()

    def _path(self, number: int) -> Path:
        return self._waiting / f"{number:06}.json"


def _address(path: Path) -> str:
    """Return the URL of a database file, whose path may hold `?` and `%`.

    SQLAlchemy quotes the URI, or leaves it as it is, as it reads it (2.1 and 2.0).
    """
    uri = path.absolute().as_uri()
    return URL.create("sqlite", database=uri, query={"uri": "true"}).render_as_string()


def _read(path: Path) -> Trial | None:
    """Return a waiting trial, or None if the file is damaged and the trial has to run again."""
    try:
        trial = Trial.from_json(json.loads(path.read_text("utf-8")))
    except (ValueError, RecursionError):
        return None
    return trial if path.stem == f"{trial.number:06}" else None


class LocalSearch:
    """A search by one process and its workers."""

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        observer: Observer[Trial],
        *,
        workers: int,
        inherited: Sequence[int] = (),
    ) -> None:
        self._plan, self._observer = plan, observer
        self._workers, self._inherited = workers, inherited
        self._store = TrialStore(plan, folder)
        self._sampler = TrialSampler(plan)
        self._history = PruningHistory(maximize=plan.maximize)
        self._drawn: dict[int, Draw] = {}
        self._curves: dict[int, list[float]] = {}
        self._again: list[int] = []
        self._changed = threading.Condition()
        self._over = False

    @property
    def before(self) -> list[Trial]:
        """The trials that earlier calls have finished."""
        return [t for number, t in self._store.trials.items() if number < self._plan.trials]

    def run(self) -> list[Trial]:
        """Run all trials that have not ended yet; return all trials by number.

        SearchError where it cannot go on, OSError where the folder cannot be written.
        """
        done = len(self._store.trials)
        if done > self._plan.trials:
            raise SearchError(
                f"{done} trials have ended in this folder, more than {self._plan.trials}: "
                f"`--trials {done}` shows what they found"
            )
        lost = 0
        outcomes = run_jobs(
            self._plan.source,
            self._jobs(),
            workers=self._workers,
            optimize=self._plan.optimize,
            inherited=self._inherited,
            on_start=self._observer.start,
            on_epoch=self._goes_on,
        )
        try:
            for outcome in outcomes:
                if outcome.lost:
                    lost += 1
                    if lost > MAX_LOST:
                        raise SearchError(f"trial {outcome.job.name}: {outcome.problem}")
                    with self._changed:
                        self._again.append(int(outcome.job.name))
                        self._changed.notify_all()
                    continue
                self._take(outcome)
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()
            outcomes.close()
            self._store.close()
        return [self._store.trials[number] for number in range(self._plan.trials)]

    def _take(self, outcome: Outcome) -> None:
        trial = self._drawn[int(outcome.job.name)].ended(outcome, self._plan)
        with self._changed:
            if trial.end == "failed" and self._all_failed():
                raise SearchError(f"trial {trial.number}: {trial.problem}")
            self._store.keep(trial)
            for settled in self._store.commit():
                self._observer.end(settled)
            self._changed.notify_all()

    def _all_failed(self) -> bool:
        ended = self._store.trials.values()
        return len(ended) + 1 >= min(MAX_FAILED, self._plan.trials) and all(
            trial.end == "failed" for trial in ended
        )

    def _jobs(self) -> Iterator[Job]:
        """Yield the trials to run, each when the trials that it depends on have ended."""
        told = 0
        for number in range(self._plan.trials):
            while told <= number - self._plan.lag:
                yield from self._until(told)
                if self._over:
                    return
                self._sampler.tell(self._store.trials[told])
                self._history.add(self._store.trials[told])
                told += 1
            known = self._store.trials.get(number)
            drawn = self._sampler.ask(known)
            if known is None:
                limits = self._history.limits() if self._plan.pruning else ()
                self._drawn[number] = replace(drawn, limits=limits)
                yield self._job(number)
        for number in range(self._plan.trials):
            yield from self._until(number)

    def _until(self, number: int) -> Iterator[Job]:
        """Wait until a trial has ended; meanwhile yield lost trials to run again."""
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._over or self._again or number in self._store.trials
                )
                if self._again:
                    again = self._again.pop()
                elif self._over or number in self._store.trials:
                    return
            yield self._job(again)

    def _job(self, number: int) -> Job:
        self._curves[number] = []
        return self._plan.job(number, self._drawn[number].settings)

    def _goes_on(self, job: Job, row: dict[str, float]) -> bool:
        number = int(job.name)
        value = self._plan.metric_of(row)
        curve = self._curves[number]
        curve.append(value)
        self._observer.epoch(job, row)
        limits = self._drawn[number].limits
        return not is_hopeless(curve, limits, maximize=self._plan.maximize)
