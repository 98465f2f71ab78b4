"""`nndsl compare`: train the variants of a spec, and say which is best."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from functools import partial
from pathlib import Path

from nndsl.cli.arguments import Parser, add_shared, at_least_one
from nndsl.cli.comparison_table import print_comparison
from nndsl.cli.dispatch import INTERRUPTED
from nndsl.cli.errors import CommandError
from nndsl.cli.output import checked_spec, report_expectations, say, write_error
from nndsl.cli.progress import fetching
from nndsl.cli.training_progress import ComparisonBars, ComparisonLines, observing
from nndsl.experiment.comparison.plan import make_plan
from nndsl.experiment.pool import cores, threads_each
from nndsl.experiment.process import THREADS
from nndsl.report.drawing import NEEDED

MAX_SEEDS = 1000  # as in `compare(seeds=…)`
DESCRIPTION = """\
Train every variant of a spec with every seed, and say which is best. Called
again, it goes on where it was: what has ended is not trained twice."""
EXAMPLE = """\
  nndsl compare optimizers.nn                 into runs/optimizers-compare
  nndsl compare optimizers.nn --seeds 5       trains the seeds that are new"""


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set")
    parser.add_argument(
        "-o", "--output", metavar="DIR", help="the folder; left out, runs/NAME-compare"
    )
    parser.add_argument("--seeds", type=at_least_one, metavar="N", help="trainings of each variant")
    add_shared(parser, "--workers")
    parser.add_argument(
        "--fresh", action="store_true", help="forget what the folder holds, and train all anew"
    )
    add_shared(parser, "--optimize")


def run(arguments: Namespace) -> int:
    _, checked, _ = checked_spec(arguments)
    if checked.spec is not None and checked.spec.experiments.get("minimize"):
        from nndsl.cli.descent import compare_variants

        return compare_variants(checked, arguments)
    if arguments.seeds is not None and arguments.seeds > MAX_SEEDS:
        raise CommandError(f"--seeds takes a number up to {MAX_SEEDS}")
    settings, optimize = dict(arguments.set), arguments.optimize
    plan = make_plan(checked, settings, seeds=arguments.seeds, optimize=optimize)
    folder = Path(arguments.output) if arguments.output else plan.default_folder
    with fetching(plan.spec) as progress:
        plan.fetch_data(progress)
    workers = arguments.workers or cores()
    if threads_each(min(workers, plan.trainings)) == 1 and "numpy" not in sys.modules:
        os.environ.update(dict.fromkeys(THREADS, "1") | os.environ)  # before numpy is imported
    from nndsl.experiment.comparison.runner import make_comparison  # it imports numpy

    try:
        epochs = {variant.name: variant.epochs for variant in plan.variants}
        bars = partial(ComparisonBars, epochs=epochs)
        with observing(ComparisonLines, bars, counts=False) as observer:
            comparison = make_comparison(
                plan, folder, workers=workers, fresh=arguments.fresh, observer=observer
            )
    except KeyboardInterrupt:
        done = observer.done
        kept = (
            f"{done} of {observer.total} trainings are kept in {folder}; the same command goes on"
        )
        say(f"interrupted: {kept} from there" if done else "interrupted before a training ended")
        return INTERRUPTED
    except OSError as error:
        raise write_error(folder, error) from None
    print_comparison(comparison)
    _say_what_is_there(folder)
    report_expectations((v.name, one) for v in comparison.variants for one in v.held)
    return 0


def _say_what_is_there(folder: Path) -> None:
    names = [path.name for path in folder.iterdir() if path.suffix in (".csv", ".html", ".png")]
    say(
        f"wrote {folder}/: {', '.join(sorted(names))}, results.json, and a folder for each training"
    )
    if not any(name.endswith(".png") for name in names):
        say(f"no figures: {NEEDED}")
