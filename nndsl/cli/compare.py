"""`nndsl compare`: train the variants of a spec, and say which is best."""

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nndsl.cli.arguments import WIDTH, Parser, add_folder, add_shared, at_least_one, at_least_two
from nndsl.cli.color import Paint, painter
from nndsl.cli.dispatch import INTERRUPTED
from nndsl.cli.errors import CommandError
from nndsl.cli.output import checked_spec, report_expectations, say, write_error
from nndsl.cli.printable import display_width, printable
from nndsl.cli.progress import fetching
from nndsl.cli.training_progress import ComparisonBars, ComparisonLines, observing
from nndsl.columns import narrow_room
from nndsl.experiment.comparison.comparison import (
    Comparison,
    baseline_answer,
    remark,
    result_columns,
    verdict,
)
from nndsl.experiment.comparison.plan import make_plan
from nndsl.experiment.comparison.results import VariantResults
from nndsl.experiment.pool import cores, threads_each
from nndsl.experiment.process import THREADS
from nndsl.languages import translated
from nndsl.languages.widths import pad, wrap
from nndsl.report.drawing import NEEDED

GAP = "  "
MIN_NAME = 8  # columns for a name, however wide the table is
MAX_TRAININGS = 1000  # of seeds, and of folds, as in `compare(seeds=…)`
DESCRIPTION = """\
Train every variant of a spec with every seed, and say which is best. Called
again, it goes on where it was: what has ended is not trained twice."""
EXAMPLE = """\
  nndsl compare optimizers.nn                 into runs/optimizers-compare
  nndsl compare optimizers.nn --seeds 9       trains the seeds that are new"""


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")
    add_folder(parser, "the folder; left out, runs/NAME-compare")
    parser.add_argument("--seeds", type=at_least_one, metavar="N", help="trainings of each variant")
    parser.add_argument("--folds", type=at_least_two, metavar="N", help="pieces held back in turn")
    add_shared(parser, "--workers")
    parser.add_argument(
        "--fresh", action="store_true", help="forget what the folder holds, and train all anew"
    )
    add_shared(parser, "--optimize")


def run(arguments: Namespace) -> int:
    _, checked = checked_spec(arguments)
    if checked.minimizes:
        from nndsl.cli.descent import compare_variants

        return compare_variants(checked, arguments)
    numbers = {"seeds": arguments.seeds, "folds": arguments.folds}
    for name, number in numbers.items():
        if number is not None and number > MAX_TRAININGS:
            raise CommandError(f"--{name} takes a number up to {MAX_TRAININGS}")
    settings, optimize = dict(arguments.set), arguments.optimize
    plan = make_plan(checked, settings, **numbers, optimize=optimize)
    folder = Path(arguments.output) if arguments.output else plan.default_folder
    with fetching(plan.spec) as progress:
        plan.fetch_data(progress)
    workers = arguments.workers or cores()
    if threads_each(min(workers, plan.trainings)) == 1 and "numpy" not in sys.modules:
        os.environ.update(dict.fromkeys(THREADS, "1") | os.environ)  # before numpy is imported
    from nndsl.experiment.comparison.runner import make_comparison  # it imports numpy

    try:
        epochs = {variant.name: variant.spec.epochs for variant in plan.variants}
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
    _print_comparison(comparison)
    _say_what_is_there(folder)
    report_expectations((v.name, one) for v in comparison.variants for one in v.expectation_results)
    return 0


def _say_what_is_there(folder: Path) -> None:
    names = [path.name for path in folder.iterdir() if path.suffix in (".csv", ".html", ".png")]
    say(
        f"wrote {folder}/: {', '.join(sorted(names))}, results.json, and a folder for each training"
    )
    if not any(name.endswith(".png") for name in names):
        say(f"no figures: {NEEDED}")


# --- The table, as wide as a terminal ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of numbers: its heading on two lines, and a cell for each variant."""

    heads: tuple[str, str]
    cells: list[str]

    @property
    def width(self) -> int:
        return max(map(display_width, [*self.heads, *self.cells]))


def _print_comparison(comparison: Comparison) -> None:
    """Print the table and the verdict."""
    paint = painter(sys.stdout)
    for line in _lines(comparison, paint):
        print(line)
    print()
    together = printable(translated(verdict(comparison))).replace(" ± ", "\u00a0±\u00a0")
    for line in wrap(together, WIDTH, on_hyphens=False):
        print(paint(line.replace("\u00a0", " "), "title"))


def _lines(comparison: Comparison, paint: Paint) -> Iterator[str]:
    plan = comparison.plan
    count = len(comparison.variants)
    head = f"{{name}}: {{count}} variant{'s' * (count != 1)}, {{runs}} each"
    head += ": mean ± standard deviation" * (plan.repetitions > 1)
    name = printable(plan.spec.name)
    yield translated(head, name=name, count=count, runs=plan.repeated)
    yield ""
    remarks = [printable(translated(remark(comparison, one))) for one in comparison.variants]
    short = [
        said for said, one in zip(remarks, comparison.variants, strict=True) if one.ended and said
    ]
    answer = baseline_answer(comparison)
    columns = [
        _Column(_head(title), [*map(translated, [*shown, baseline] if answer else shown)])
        for title, shown, baseline in result_columns(comparison)
    ]
    taken = max(map(display_width, short), default=0)
    whole = narrow_room() or WIDTH
    while len(columns) > 1 and whole - taken - _total(columns) < MIN_NAME:
        columns.pop()
    room = max(MIN_NAME, whole - taken - _total(columns))
    names = [_cut(printable(variant.name), room) for variant in comparison.variants]
    label, baseline = translated("variant"), translated("baseline")
    width = max(map(display_width, [label, *names, *[baseline] * bool(answer)]))
    for number, first in enumerate(("", label) if columns else ()):
        heads = [pad(column.heads[number], column.width) for column in columns]
        yield paint(GAP.join([pad(first, width), *heads]).rstrip(), "frame")
    for row, variant in enumerate(comparison.variants):
        numbers = [pad(column.cells[row], column.width) for column in columns]
        said = [*numbers, remarks[row]] if variant.ended else [remarks[row]]
        name = names[row] + " " * (width - display_width(names[row]))
        line, style = GAP.join([name, *said]).rstrip(), _style(comparison, variant)
        yield paint(line, style) if style else line
    if answer:
        numbers = [pad(column.cells[-1], column.width) for column in columns]
        yield paint(GAP.join([pad(baseline, width), *numbers]).rstrip(), "frame")


def _total(columns: list[_Column]) -> int:
    """Return the width of columns with the gaps around them."""
    return sum(column.width + len(GAP) for column in columns) + len(GAP)


def _head(title: str) -> tuple[str, str]:
    part, _, measure = title.partition(" ")
    return translated(part), translated(measure)


def _cut(name: str, room: int) -> str:
    while display_width(name) > room:
        name = f"{name.removesuffix('…')[:-1]}…"
    return name


def _style(comparison: Comparison, variant: VariantResults) -> str:
    if variant.divergence or not comparison.beats_baseline(variant):
        return "warning"
    return "good" if variant is comparison.best and len(comparison.ranked) > 1 else ""
