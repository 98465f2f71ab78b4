"""Making a search: run its trials, here or with others, and write down what came of it."""

from __future__ import annotations

from pathlib import Path

from nndsl.experiment import lock
from nndsl.experiment.search.local import LocalSearch
from nndsl.experiment.search.manifest import claim
from nndsl.experiment.search.observer import Observer
from nndsl.experiment.search.plan import Plan, SearchError
from nndsl.experiment.search.result import SearchResult
from nndsl.experiment.search.results import finish
from nndsl.experiment.search.shared import HEARTBEAT, SharedSearch
from nndsl.files import create_folder
from nndsl.report.drawing import preload


def search_here(
    plan: Plan, folder: Path, observer: Observer, command: str, *, workers: int, fresh: bool = False
) -> SearchResult:
    """Search in a folder, from where it was left, and return what was found.

    Busy where another command is at work there, OtherExperiment where it holds another one,
    SearchError where it cannot go on, OSError where the folder cannot be written.
    """
    create_folder(folder)
    with lock.locked(folder) as held:
        plan = claim(folder, plan, fresh=fresh)
        search = LocalSearch(plan, folder, observer, workers=workers, inherited=held)
        observer.begin(search.before, plan.trials)
        preload()  # while the workers begin
        trials = search.run()
        observer.finishing()
        return finish(plan, trials, folder, command, inherited=held)


def search_together(
    plan: Plan,
    folder: Path,
    observer: Observer,
    command: str,
    *,
    storage: str,
    study: str,
    workers: int,
    heartbeat: int = HEARTBEAT,
) -> SearchResult:
    """Take part in a search on a storage until it is done, and return what was found.

    What was found is written into the folder too, which may be another one for each participant.
    Busy where another participant is writing it there. OtherExperiment, SearchError and OSError as
    `search_here`.
    """
    search = SharedSearch(plan, storage, study, observer, workers=workers, heartbeat=heartbeat)
    observer.begin(search.before, plan.trials)
    trials = search.run()
    if len(trials) < plan.trials:
        raise SearchError(f"{len(trials)} of {plan.trials} trials are left in the storage")
    observer.finishing()
    create_folder(folder)
    with lock.locked(folder, timeout=0) as held:
        claim(folder, plan, fresh=False, is_shared=True)
        return finish(plan, trials[: plan.trials], folder, command, inherited=held)
