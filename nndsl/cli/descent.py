"""What commands do with a formula instead of a network: descend on it, alone or in variants."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from nndsl.analysis.compile import Checked
from nndsl.analysis.expectation_results import check_expectations
from nndsl.analysis.imports import self_contained
from nndsl.analysis.override import spec_arguments
from nndsl.cli.arguments import WIDTH
from nndsl.cli.errors import CommandError
from nndsl.cli.output import report_expectations, run_folder, say, write, write_error
from nndsl.cli.printable import printable
from nndsl.cli.rendering import plural
from nndsl.columns import folded
from nndsl.interchange import command_line, csv_text, json_text
from nndsl.languages import translated
from nndsl.languages.widths import width, wrap
from nndsl.live.descent import SCRIPT, Descent
from nndsl.report.descents.pages import ending_table, report_descent, verdict_of_all
from nndsl.report.descents.result import DescentResult
from nndsl.report.page import NAME
from nndsl.source import Source


def run_descent(checked: Checked, source: Source, arguments: Namespace) -> int:
    """Run the script's own text, and keep its path and a report in a folder."""
    _refuse(arguments, "optimize", "a formula has no training step to optimize")
    _refuse(arguments, "record", "a descent has no network to record")
    descent = Descent(checked)
    folder = run_folder(arguments.output, descent.spec.name)
    command = command_line(["nndsl", "run", *spec_arguments(source, dict(arguments.set))])
    write(folder / f"spec{source.suffix}", self_contained(source).text)
    write(folder / "command.txt", f"{command}\n")
    write(folder / SCRIPT, descent.source)
    path = descent.run()
    sys.stdout.flush()
    expectations = check_expectations(descent.spec.experiments.get("expect") or (), path.results)
    write(folder / "path.csv", csv_text(path.columns, path.rows()))
    write(folder / "results.json", json_text(path.to_json(expectations)))
    title = f"{descent.spec.name}: {descent.program.update.title}"
    try:
        missing = report_descent(DescentResult(title, descent, path, expectations), command, folder)
    except OSError as error:
        raise write_error(folder, error) from None
    _say_what_is_there(folder, missing)
    report_expectations(("", one) for one in expectations)
    if not path.is_finite:
        help, wrong = "a smaller learning rate helps most", "f is not a finite number"
        if descent.is_stuck(path):
            help, wrong = "start elsewhere, or take other steps", "f has no slope where it came to"
        raise CommandError(f"the descent diverged: {wrong}", help, code=1)
    return 0


def compare_variants(checked: Checked, arguments: Namespace) -> int:
    """Descend with every variant, print where they end, and keep paths and a report."""
    from nndsl.experiment.descents import PATHS, compare_descents, keep_descents

    spec = checked.spec
    assert spec is not None
    _refuse(arguments, "optimize", "a formula has no training step to optimize")
    _refuse(arguments, "seeds", "a descent knows no chance, and so no seeds")
    _refuse(arguments, "folds", "a descent has no data, and so no folds")
    if not spec.experiments.get("compare"):
        help = "write compare { variant NAME { … } } into it"
        wrong = "there is nothing to compare: the spec has no `compare`"
        raise CommandError(wrong, help, code=1)
    results = compare_descents(checked)
    folder = Path(arguments.output or Path("runs", f"{spec.name}-compare"))
    given = ["--output", arguments.output] if arguments.output else []
    command = ["nndsl", "compare", *spec_arguments(spec.source, dict(arguments.set)), *given]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / PATHS).exists():
            raise CommandError(
                f"{folder} holds something else than descents", "name another folder after -o"
            )
        missing = keep_descents(spec, results, command_line(command), folder)
    except OSError as error:
        raise write_error(folder, error) from None
    _print_endings(spec.name, results)
    _say_what_is_there(folder, missing)
    report_expectations((result.name, one) for result in results for one in result.expectations)
    return 0


def _print_endings(name: str, results: Sequence[DescentResult]) -> None:
    table = ending_table(results)
    numbers = range(2, len(table.columns))
    print(translated(f"{printable(name)}: {plural(len(results), 'variant')}") + "\n")
    heads = tuple(map(translated, table.columns))
    print("\n".join(folded([heads, *table.rows], numbers, width)))
    print("\n" + "\n".join(wrap(translated(verdict_of_all(results)), WIDTH)))
    sys.stdout.flush()


def _refuse(arguments: Namespace, option: str, why: str) -> None:
    if getattr(arguments, option, None):
        raise CommandError(why, f"leave out --{option}", code=1)


def _say_what_is_there(folder: Path, missing: str) -> None:
    names = sorted(path.name for path in folder.iterdir())
    say(f"wrote {folder}/: {', '.join(names)}")
    if missing:
        say(missing)
    say(f"report: {folder / NAME}")
