"""Making a comparison: train, and write down what came of it."""

from __future__ import annotations

from pathlib import Path

from nndsl.experiment import lock
from nndsl.experiment.comparison.folder import claim
from nndsl.experiment.comparison.page import write_report
from nndsl.experiment.comparison.plan import Plan
from nndsl.experiment.comparison.results import Comparison, collect
from nndsl.experiment.comparison.tables import write_tables
from nndsl.experiment.comparison.training import Watch, train_variants
from nndsl.report.page import Picture


def make_comparison(
    plan: Plan, folder: Path, *, workers: int, fresh: bool = False, watch: Watch | None = None
) -> Comparison:
    """Train what is not trained yet, and write tables, figures and a page; return what came of it.

    Figures are left out where matplotlib is not installed. Busy where another command is at work
    in the folder, OtherExperiment where it holds something else, Unfinished where a training
    cannot be done, OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with lock.locked(folder) as held:
        claim(folder, plan, fresh=fresh)
        watch = watch or Watch()
        outcomes = train_variants(plan, folder, workers=workers, held=held, watch=watch)
        comparison = collect(plan, outcomes)
        write_tables(comparison, folder)
        write_report(comparison, _pictures(comparison, folder), folder)
    return comparison


def _pictures(comparison: Comparison, folder: Path) -> list[Picture]:
    from nndsl.experiment.comparison.figures import draw

    try:
        return draw(comparison, folder)
    except ImportError:
        return []
