"""Running a search: its trials, here or with others, then a training with the best values."""

import math
from collections.abc import Sequence
from pathlib import Path

from nndsl.experiment import lock
from nndsl.experiment.digests import digest
from nndsl.experiment.job import Job, Outcome
from nndsl.experiment.observer import Observer
from nndsl.experiment.outcome_cache import load_outcome
from nndsl.experiment.pool import run_jobs
from nndsl.experiment.search.insight import edge_sentences, insights
from nndsl.experiment.search.local import LocalSearch
from nndsl.experiment.search.manifest import BEST, claim
from nndsl.experiment.search.page import SearchResult, make_page
from nndsl.experiment.search.plan import Plan, SearchError
from nndsl.experiment.search.shared import HEARTBEAT, SharedSearch
from nndsl.experiment.search.spec_text import best_spec, next_spec
from nndsl.experiment.search.trial import Trial, rank_trials
from nndsl.files import create_folder, write_text
from nndsl.interchange import csv_text, json_text
from nndsl.languages import translated
from nndsl.report.drawing import preload
from nndsl.report.page import NAME, Picture, write_page
from nndsl.source import Source

BEST_SHARE = 0.1  # of the trials: the ranges of next.nn hold so many of the best
MIN_BEST = 3
TABLE, RESULTS = "trials.csv", "results.json"
BEST_SPEC, NEXT_SPEC = "best.nn", "next.nn"


def search_here(
    plan: Plan,
    folder: Path,
    observer: Observer[Trial],
    command: str,
    *,
    workers: int,
    fresh: bool = False,
) -> SearchResult:
    """Search in a folder, continue what it holds, and return the result.

    Busy if another command is at work there, OtherExperiment if it holds another one,
    SearchError where it cannot go on, OSError where the folder cannot be written.
    """
    create_folder(folder)
    with lock.locked(folder) as lock_file:
        plan = claim(folder, plan, fresh=fresh)
        search = LocalSearch(plan, folder, observer, workers=workers, inherited=lock_file)
        observer.begin(search.before, plan.trials)
        preload()  # while the workers start
        trials = search.run()
        observer.finishing()
        return _finish(plan, trials, folder, command, inherited=lock_file)


def search_together(
    plan: Plan,
    folder: Path,
    observer: Observer[Trial],
    command: str,
    *,
    storage: str,
    study: str,
    workers: int,
    heartbeat: int = HEARTBEAT,
) -> SearchResult:
    """Take part in a search on a storage until it is finished, and return the result.

    The result is written into the folder, which may be another one for each participant.
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
    with lock.locked(folder, timeout=0) as lock_file:
        claim(folder, plan, fresh=False, is_shared=True)
        return _finish(plan, trials[: plan.trials], folder, command, inherited=lock_file)


def _finish(
    plan: Plan,
    trials: Sequence[Trial],
    folder: Path,
    command: str,
    *,
    inherited: Sequence[int] = (),
) -> SearchResult:
    """Train with the best values, and write tables, specs, figures and a page into the folder.

    OSError where it cannot be written.
    """
    finished = [t for t in rank_trials(trials, plan) if t.end == "finished"]
    top = finished[: max(MIN_BEST, math.ceil(BEST_SHARE * len(trials)))]
    found = insights(plan, trials)
    sentences = [*(insight.sentence for insight in found), *edge_sentences(plan, top)]
    run = None
    if top:
        which, reached = f"trial {top[0].number + 1} of {len(trials)}", f"{top[0].value:.4g}"
        heading = translated(f"Found by nndsl search: {which}, {plan.metric} {reached}.")
        spec = best_spec(plan, top[0], heading, folder)
        write_text(folder / BEST_SPEC, spec)
        write_text(folder / NEXT_SPEC, next_spec(plan, top, folder))
        source = Source(str(folder / BEST_SPEC), spec, folder / BEST_SPEC)
        run = _train(plan, source, folder, inherited)
    pictures: Sequence[Picture] = ()
    missing = False
    try:
        from nndsl.experiment.search.figures import draw_figures

        pictures = draw_figures(plan, trials, found, folder)
    except ImportError:
        missing = True
    best = top[0] if top else None
    result = SearchResult(plan, trials, best, found, sentences, run, pictures, missing)
    write_text(folder / TABLE, _table(plan, trials))
    write_text(folder / RESULTS, json_text(_results(result)))
    write_page(make_page(result, command), folder / NAME)
    return result


def _train(plan: Plan, source: Source, folder: Path, inherited: Sequence[int]) -> Outcome:
    """Train with the best values as `nndsl run` does, unless that was done before."""
    marked = digest([plan.inputs, source.text])
    job = Job("best", {}, folder / BEST, digest=marked)
    done = load_outcome(job)
    if done is not None:
        return done
    performed = run_jobs(source, [job], workers=1, optimize=plan.optimize, inherited=inherited)
    return next(iter(performed))


def _table(plan: Plan, trials: Sequence[Trial]) -> str:
    rows: list[list[object]] = []
    for trial in trials:
        values = [trial.settings[name] for name in plan.ranges]
        value = "" if trial.value is None else trial.value
        rows.append([trial.number + 1, *values, value, trial.end, trial.epochs])
    return csv_text(["trial", *plan.ranges, plan.metric, "end", "epochs"], rows)


def _results(found: SearchResult) -> dict[str, object]:
    best, plan = found.best, found.plan
    return {
        "metric": plan.metric,
        "trials": len(found.trials),
        **found.counts,
        "epochs": found.epochs,
        "best": best
        and {
            "trial": best.number + 1,
            plan.metric: best.value,
            "settings": dict(best.settings),
        },
        "baseline": found.baseline
        and dict(zip(("answer", plan.metric), found.baseline, strict=True)),
        "run": dict(found.run.results) if found.run else None,
        "importance": {insight.name: round(insight.share, 4) for insight in found.insights},
        "findings": list(found.sentences),
    }
