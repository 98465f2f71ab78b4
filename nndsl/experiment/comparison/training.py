"""Training what a comparison still lacks."""

import shutil
from pathlib import Path

from nndsl.experiment.comparison.plan import Plan, Repetition
from nndsl.experiment.job import Job, Outcome, Results
from nndsl.experiment.observer import Observer
from nndsl.experiment.outcome_cache import load_outcome
from nndsl.experiment.pool import run_jobs
from nndsl.experiment.process import Process, can_fork, fork_workers
from nndsl.explained import ExplainedError
from nndsl.report.drawing import load, preload

MAX_REASONS = 3  # in one message
Outcomes = dict[tuple[str, Repetition], Outcome]  # by variant, and by seed


class Unfinished(ExplainedError):
    """Some trainings could not be finished. The others are kept."""

    def __init__(self, outcomes: list[Outcome], total: int) -> None:
        reasons = "; ".join(f"{o.job.name}: {o.problem}" for o in outcomes[:MAX_REASONS])
        if len(outcomes) > MAX_REASONS:
            reasons += f"; and {len(outcomes) - MAX_REASONS} more"
        super().__init__(
            f"{len(outcomes)} of {total} trainings did not end: {reasons}",
            f"{total - len(outcomes)} are kept; the same command goes on from there",
        )


def train_variants(
    plan: Plan,
    folder: Path,
    *,
    workers: int,
    inherited: tuple[int, ...] = (),
    observer: Observer[Outcome],
) -> Outcomes:
    """Train what is not trained yet; return all outcomes, in the order of the plan.

    `workers` train at a time, and inherit the open files `inherited`. A training that diverges is
    an outcome like any other. Whenever this is interrupted, `folder` keeps what has ended, and the
    next call continues from there.

    Unfinished where a training cannot be done, OSError where the folder cannot be written.
    """
    jobs = plan.jobs(folder)
    workers = min(workers, len(jobs))  # of all jobs: it decides the threads of each
    outcomes = {key: outcome for key, job in jobs.items() if (outcome := load_outcome(job))}
    rest = [job for key, job in jobs.items() if key not in outcomes]
    started = _processes(workers, len(rest))
    observer.begin(list(outcomes.values()), len(jobs))
    for job in rest:
        assert job.folder is not None
        if job.folder.exists():  # interrupted
            shutil.rmtree(job.folder)

    def on_epoch(job: Job, row: Results) -> bool:
        observer.epoch(job, row)
        return True

    keys = {job.name: key for key, job in jobs.items()}
    for outcome in run_jobs(
        plan.source,
        rest,
        workers=workers,
        optimize=plan.optimize,
        inherited=inherited,
        started=started,
        on_start=observer.start,
        on_epoch=on_epoch,
    ):
        outcomes[keys[outcome.job.name]] = outcome
        observer.end(outcome)
    failed = [outcome for outcome in outcomes.values() if not outcome.is_final]
    if failed:
        raise Unfinished(failed, len(jobs))
    return {key: outcomes[key] for key in jobs}


def _processes(workers: int, jobs: int) -> list[Process]:
    """Return forked processes if possible; import what figures need, before or meanwhile."""
    if not can_fork():
        preload()
        return []
    load()
    return fork_workers(min(workers, jobs))
