"""`nndsl compare`: train the variants of a spec, and say which is best."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path

from nndsl.analysis.compile import Checked
from nndsl.cli.arguments import Parser, add_optimize, add_spec, add_workers, at_least_one
from nndsl.cli.comparison_table import print_comparison
from nndsl.cli.dispatch import INTERRUPTED
from nndsl.cli.failure import CommandError, without_data
from nndsl.cli.output import checked_spec, report_expectations, say, unwritable
from nndsl.cli.progress import downloads
from nndsl.cli.training_progress import watching
from nndsl.data import DataError
from nndsl.experiment.comparison.comparison import Comparison
from nndsl.experiment.comparison.folder import OtherExperiment
from nndsl.experiment.comparison.plan import NoComparison, Plan, make_plan
from nndsl.experiment.comparison.training import Unfinished, Watch
from nndsl.experiment.lock import Busy
from nndsl.experiment.pool import cores, threads_each
from nndsl.experiment.process import THREADS
from nndsl.live.errors import ModelError
from nndsl.report.drawing import NEEDED

MAX_SEEDS = 1000  # as in `compare(seeds=…)`
DESCRIPTION = """\
Train every variant of a spec with every seed, and say which is best. Called
again, it goes on where it was: what has ended is not trained twice."""
EXAMPLE = """\
  nndsl compare optimizers.nn                 into runs/optimizers-compare
  nndsl compare optimizers.nn --seeds 5       trains the seeds that are new"""


def add_arguments(parser: Parser) -> None:
    add_spec(parser)
    parser.add_argument(
        "-o", "--output", metavar="DIR", help="the folder; left out, runs/NAME-compare"
    )
    parser.add_argument("--seeds", type=at_least_one, metavar="N", help="trainings of each variant")
    add_workers(parser)
    parser.add_argument(
        "--fresh", action="store_true", help="forget what the folder holds, and train all anew"
    )
    add_optimize(parser)


def run(arguments: Namespace) -> int:
    _, checked, _ = checked_spec(arguments)
    if checked.spec is not None and checked.spec.experiments.get("minimize"):
        from nndsl.cli.descent import compare_variants

        return compare_variants(checked, arguments)
    plan = _plan(checked, dict(arguments.set), arguments)
    folder = Path(arguments.output) if arguments.output else plan.default_folder
    _fetch(plan)
    workers = arguments.workers or cores()
    if threads_each(min(workers, plan.trainings)) == 1 and "numpy" not in sys.modules:
        os.environ.update(dict.fromkeys(THREADS, "1") | os.environ)  # before it is there
    with watching(plan) as watch:
        comparison = _made(plan, folder, watch, workers=workers, fresh=arguments.fresh)
    if comparison is None:
        return INTERRUPTED
    print_comparison(comparison)
    _say_what_is_there(folder)
    report_expectations((v.name, one) for v in comparison.variants for one in v.held)
    return 0


def _plan(checked: Checked, settings: dict[str, str], arguments: Namespace) -> Plan:
    assert checked.spec is not None
    if arguments.seeds is not None and arguments.seeds > MAX_SEEDS:
        raise CommandError(f"--seeds takes a number up to {MAX_SEEDS}")
    try:
        return make_plan(checked, settings, seeds=arguments.seeds, optimize=arguments.optimize)
    except NoComparison:
        help = "write compare { variant NAME { … } } into it"
        raise CommandError(
            "there is nothing to compare: the spec has no `compare`", help, code=1
        ) from None


def _fetch(plan: Plan) -> None:
    try:
        with downloads() as progress:
            plan.fetch_data(progress)
    except DataError as error:
        raise without_data(error, plan.spec) from None


def _made(
    plan: Plan, folder: Path, watch: Watch, *, workers: int, fresh: bool
) -> Comparison | None:
    """Return what came of the comparison; None where it was interrupted."""
    from nndsl.experiment.comparison.making import make_comparison  # it imports numpy

    try:
        return make_comparison(plan, folder, workers=workers, fresh=fresh, watch=watch)
    except KeyboardInterrupt:
        done = watch.before + watch.ended
        kept = f"{done} of {watch.total} trainings are kept in {folder}; the same command goes on"
        say(f"interrupted: {kept} from there" if done else "interrupted before a training ended")
        return None
    except Busy as error:
        who = f" (process {error.process})" if error.process else ""
        help = "wait until it ends, or name another folder after -o"
        raise CommandError(f"another command is at work in {folder}{who}", help) from None
    except OtherExperiment as error:
        first, *rest = error.differences
        out = "name another folder after -o"
        out += "" if fresh else ", or forget what it holds with --fresh"
        raise CommandError(
            f"{folder} holds another experiment: {first}", "\n".join([*rest, out])
        ) from None
    except Unfinished as error:
        help = f"{watch.before + watch.ended} are kept; the same command goes on from there"
        raise CommandError(str(error), help) from None
    except ModelError as error:
        raise CommandError(str(error), error.help) from None
    except OSError as error:
        raise unwritable(folder, error) from None


def _say_what_is_there(folder: Path) -> None:
    names = [path.name for path in folder.iterdir() if path.suffix in (".csv", ".html", ".png")]
    say(
        f"wrote {folder}/: {', '.join(sorted(names))}, results.json, and a folder for each training"
    )
    if not any(name.endswith(".png") for name in names):
        say(f"no figures: {NEEDED}")
