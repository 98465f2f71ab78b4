"""A search by many machines, which share a storage of Optuna."""

import queue
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import replace

import optuna
from optuna.exceptions import StorageInternalError, TrialPruned, UpdateFinishedTrialError
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback, fail_stale_trials
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState
from optuna.trial import Trial as OptunaTrial

from nndsl.experiment.job import Job, Results
from nndsl.experiment.manifest import OtherExperiment
from nndsl.experiment.observer import Observer
from nndsl.experiment.pool import Worker, threads_each
from nndsl.experiment.process import spawn_worker
from nndsl.experiment.search.local import MAX_LOST
from nndsl.experiment.search.manifest import differences
from nndsl.experiment.search.plan import Plan, SearchError, StorageError
from nndsl.experiment.search.pruning import PruningHistory, is_hopeless
from nndsl.experiment.search.sampling import TRIAL, ByNumber, direction, draw, silence_optuna
from nndsl.experiment.search.trial import Trial
from nndsl.experiment.search.trial_slots import TrialSlots, trial_of

ATTRIBUTE = "nndsl"  # the user attribute of the study with the inputs of its plan
MAX_ATTEMPTS = 5  # at opening the storage
HEARTBEAT = 60  # seconds; a participant is taken for dead after two without a sign of life


class SlotTaken(Exception):
    """A trial is not needed: another participant has its slot."""


class TrialLost(Exception):
    """A trial was not finished."""


class SharedSearch:
    """One participant of a search, and its workers."""

    def __init__(
        self,
        plan: Plan,
        storage: str,
        study: str,
        observer: Observer[Trial],
        *,
        workers: int,
        heartbeat: int = HEARTBEAT,
    ) -> None:
        """Join the study, or create it. OtherExperiment, StorageError where it cannot be opened."""
        silence_optuna()
        self._plan, self._observer, self._name = plan, observer, study
        self._workers = workers
        self._pause = min(1.0, heartbeat / 4)
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._history = PruningHistory(maximize=plan.maximize)
        self._recorded: set[int] = set()
        self._running: dict[int, Worker] = {}
        self._lost = 0
        self._beating: set[int] = set()
        try:
            self._storage = _opened(storage, heartbeat)
            joined = optuna.create_study(
                study_name=study,
                storage=self._storage,
                direction=direction(plan),
                load_if_exists=True,
            )
            if ATTRIBUTE not in joined.user_attrs:
                joined.set_user_attr(ATTRIBUTE, plan.inputs)
            known = joined.user_attrs[ATTRIBUTE]
        except Exception as error:  # what a database raises depends on its driver
            raise StorageError(without_password(str(error), storage)) from None
        if differing := differences(known, plan):
            holder = f"the study `{study}` in the storage holds another search"
            way_out = "give this one another name there with --study NAME"
            raise OtherExperiment(holder, differing, f"{way_out}, and another folder with -o")
        self.before = self._places(joined).ended

    def run(self) -> list[Trial]:
        """Take part until all trials have ended; return them. SearchError if it cannot continue."""
        failures: queue.Queue[BaseException | None] = queue.Queue()

        def serve(number: int) -> None:
            try:
                self._serve(number)
            except BaseException as error:
                failures.put(error)
            failures.put(None)

        threads = [
            threading.Thread(target=copy_context().run, args=(serve, n))
            for n in range(self._workers)
        ]
        try:
            for thread in threads:
                thread.start()
            for _ in threads:
                while (failure := failures.get()) is not None:
                    raise failure
            return self._places(self._study()).ended
        except StorageInternalError as error:
            raise StorageError(f"the storage does not answer: {error}") from None
        finally:
            self._over.set()
            for worker in list(self._running.values()):
                worker.close()
            for thread in threads:
                thread.join()
            self._storage.remove_session()

    def _study(self) -> Study:
        return optuna.load_study(
            study_name=self._name,
            storage=self._storage,
            sampler=ByNumber(self._plan),
            pruner=optuna.pruners.NopPruner(),
        )

    def _places(self, study: Study) -> TrialSlots:
        return TrialSlots.of(study.get_trials(deepcopy=False), self._plan.trials)

    def _serve(self, number: int) -> None:
        study = self._study()
        while not self._over.is_set():
            places = self._places(study)
            if len(places.ended) == self._plan.trials:
                return
            for trial in places.lost:
                retry(study, trial)
            if not (places.has_work or places.lost):
                self._begin_heartbeats(study)
                fail_stale_trials(study)
                self._over.wait(self._pause)
                continue
            try:
                study.optimize(
                    lambda asked: self._perform(asked, study, number),
                    n_trials=1,
                    catch=(SlotTaken, TrialLost),
                )
            except UpdateFinishedTrialError:  # another participant took this one for dead
                continue

    def _begin_heartbeats(self, study: Study) -> None:
        """Give each running trial one sign of life, from which its participant has to go on.

        Optuna never takes a trial for dead whose participant was killed before the first one.
        """
        for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            if trial.number not in self._beating:
                self._beating.add(trial.number)
                self._storage.record_heartbeat(trial._trial_id)

    def _perform(self, asked: OptunaTrial, study: Study, number: int) -> float:
        """Run a trial; return its value, or raise the exception that tells Optuna how it ended."""
        trials = study.get_trials(deepcopy=False)
        places = TrialSlots.of(trials, self._plan.trials)
        rank = places.rank(trials[asked.number])
        if rank is None:
            raise SlotTaken
        drawn = replace(draw(self._plan, asked), number=rank, limits=self._limits(places))
        worker = self._worker(number)
        job = self._plan.job(rank, drawn.settings)
        with self._lock:
            self._observer.start(job)
        outcome = worker.run_job(job, self._watched(drawn.limits))
        if outcome.lost:
            self._lost += 1
            if self._lost > MAX_LOST and not self._over.is_set():
                raise SearchError(f"trial {rank}: {outcome.problem}")
            raise TrialLost
        trial = drawn.ended(outcome, self._plan)
        if trial.end in ("finished", "stopped"):
            for epoch, value in enumerate(trial.curve, start=1):
                asked.report(value, epoch)
        asked.set_user_attr(TRIAL, trial.to_json())
        with self._lock:
            self._observer.end(trial)
        if trial.end == "failed":
            raise TrialLost
        if trial.end != "finished" or trial.value is None:
            raise TrialPruned
        return trial.value

    def _worker(self, number: int) -> Worker:
        worker = self._running.get(number)
        if worker is None or not worker.is_alive:
            process = spawn_worker(threads_each(self._workers))
            worker = Worker(process, self._plan.source, optimize=self._plan.optimize)
            self._running[number] = worker
        if self._over.is_set():
            worker.close()
        return worker

    def _limits(self, places: TrialSlots) -> tuple[float, ...]:
        if not self._plan.pruning:
            return ()
        with self._lock:
            for trial in places.ended:
                if trial.number not in self._recorded:
                    self._recorded.add(trial.number)
                    self._history.add(trial)
            return self._history.limits()

    def _watched(self, limits: tuple[float, ...]) -> Callable[[Job, Results], bool]:
        curve: list[float] = []

        def watched(job: Job, row: Results) -> bool:
            value = self._plan.metric_of(row)
            curve.append(value)
            with self._lock:
                self._observer.epoch(job, row)
            return not is_hopeless(curve, limits, maximize=self._plan.maximize)

        return watched


def retry(study: Study, trial: FrozenTrial) -> None:
    """Run a trial of a dead participant again, unless its result was saved."""
    if trial_of(trial) is None:
        RetryHeartbeatStaleTrialCallback()(study, trial)


def _opened(url: str, heartbeat: int) -> RDBStorage:
    """Open the storage, while several participants may be creating its tables."""
    from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

    for attempt in range(MAX_ATTEMPTS):
        try:
            return RDBStorage(
                url_with_driver(url),
                heartbeat_interval=heartbeat,
                grace_period=2 * heartbeat,
                heartbeat_stale_trial_callback=retry,
            )
        except (IntegrityError, OperationalError, ProgrammingError):
            if attempt + 1 == MAX_ATTEMPTS:
                raise
            time.sleep(0.2 * (attempt + 1))  # another participant created them at this moment
    raise AssertionError


def url_with_driver(url: str) -> str:
    """Return the URL of a storage, with the driver for PostgreSQL that nndsl installs."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if separator and scheme == "postgresql" else url


def without_password(text: str, url: str) -> str:
    """Return the first line of an error message, without the password in the URL."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        password = make_url(url).password
    except (ArgumentError, ValueError):
        return "it is not the address of a database"
    first = text.strip().partition("\n")[0]
    return first.replace(str(password), "***") if password else first


def address(url: str) -> str:
    """Return the URL of a storage without its password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "the storage"
