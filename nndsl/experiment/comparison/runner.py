"""Running a comparison: train, and write the results."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nndsl.analysis.compile import analyse
from nndsl.experiment import lock
from nndsl.experiment.comparison.comparison import Comparison, collect
from nndsl.experiment.comparison.manifest import claim
from nndsl.experiment.comparison.plan import Plan, make_plan
from nndsl.experiment.comparison.report import write_report, write_tables
from nndsl.experiment.comparison.training import train_variants
from nndsl.experiment.job import Outcome
from nndsl.experiment.observer import Observer
from nndsl.experiment.pool import cores
from nndsl.files import create_folder
from nndsl.live.recording.record import FILE, Record
from nndsl.report.page import Part
from nndsl.report.record_comparison import compare_initial_activations, record_table
from nndsl.source import source_of


def make_comparison(
    plan: Plan,
    folder: Path,
    *,
    workers: int,
    fresh: bool = False,
    observer: Observer[Outcome] | None = None,
) -> Comparison:
    """Train what is not trained yet, write tables, figures and a page, and return the results.

    There are no figures without matplotlib. Busy where another command is at work
    in the folder, OtherExperiment where it holds something else, Unfinished where a training
    cannot be done, ModelError where a record in it is damaged, OSError where the folder cannot be
    written.
    """
    create_folder(folder)
    with lock.locked(folder) as lock_file:
        claim(folder, plan, fresh=fresh)
        watching = observer or Observer[Outcome]()
        outcomes = train_variants(
            plan, folder, workers=workers, inherited=lock_file, observer=watching
        )
        comparison = collect(plan, outcomes)
        write_tables(comparison, folder)
        write_report(comparison, _parts(comparison, folder), folder)
    return comparison


def compare(
    spec: str | Path,
    *,
    text: str | None = None,
    set: Mapping[str, Any] | None = None,
    seeds: int | None = None,
    folds: int | None = None,
    folder: str | Path | None = None,
    workers: int | None = None,
    optimize: bool = False,
    fresh: bool = False,
    words: Iterable[str | Path] = (),
) -> Comparison:
    """Compare the variants of a spec, as `nndsl compare` does, and return the results.

    `text` is the spec's text where it is not in a file, `set` is like `--set`, `seeds` and `folds`
    stand for the spec's own numbers, `folder` for runs/NAME-compare, `workers` for the number of
    cores. `words` are files and folders that it may import from, though they lie outside of its
    own.
    SpecError where the spec has errors, NoComparison where it compares nothing, DataError where
    its data cannot be had; and what `make_comparison` raises.
    """
    source = source_of(spec, text, words)
    settings = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in (set or {}).items()
    }
    checked = analyse(source, settings=settings)
    checked.diagnostics.raise_if_failed()
    plan = make_plan(checked, settings, seeds=seeds, folds=folds, optimize=optimize)
    plan.fetch_data()
    place = Path(folder) if folder is not None else plan.default_folder
    return make_comparison(plan, place, workers=workers or cores(), fresh=fresh)


def _parts(comparison: Comparison, folder: Path) -> list[Part]:
    """Return the figures of the report, and what was recorded of the variants."""
    from nndsl.experiment.comparison.figures import draw

    records = _records(comparison.plan, folder)
    try:
        figures = [*draw(comparison, folder), *compare_initial_activations(records, folder)]
    except ImportError:
        figures = []
    return [*figures, *record_table(records)]


def _records(plan: Plan, folder: Path) -> dict[str, Record]:
    """Return what was recorded of each variant, in its training with the first seed."""
    found: dict[str, Record] = {}
    for (name, _), job in plan.jobs(folder).items():
        if name not in found and job.folder is not None and (job.folder / FILE).exists():
            found[name] = Record.load(job.folder)
    return found
