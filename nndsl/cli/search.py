"""`nndsl search`: run the trials of a spec's search, and say what was found."""

from __future__ import annotations

import importlib.util
from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nndsl.analysis.override import spec_arguments
from nndsl.cli.arguments import Parser, add_folder, add_shared, at_least_one, read_spec
from nndsl.cli.dispatch import INTERRUPTED
from nndsl.cli.errors import CommandError
from nndsl.cli.output import report_diagnostics, say, write_error
from nndsl.cli.printable import printable
from nndsl.cli.progress import fetch_data
from nndsl.cli.training_progress import SearchBars, SearchLines, observing
from nndsl.diagnostics import Diagnostics
from nndsl.experiment.lock import Busy
from nndsl.experiment.pool import cores
from nndsl.experiment.search.plan import Plan, make_plan
from nndsl.interchange import command_line
from nndsl.languages import sentence, translated
from nndsl.report.drawing import NEEDED

if TYPE_CHECKING:
    from nndsl.experiment.search.page import SearchResult

MAX_TRIALS = 1_000_000  # as in `search(trials=…)`
DESCRIPTION = "Find the best values of a spec's `search`; called again, go on from there."
EXAMPLE = "  nndsl search digits.nn --trials 200     goes on in runs/digits-search"


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")
    add_folder(parser, "the folder; left out, runs/NAME-search")
    parser.add_argument("--trials", type=at_least_one, metavar="N", help="how many, instead")
    add_shared(parser, "--workers")
    parser.add_argument(
        "--no-pruning", action="store_true", help="train hopeless trials to their end, too"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="forget the trials that the folder holds"
    )
    parser.add_argument("--storage", metavar="URL", help="a database that others search in, too")
    parser.add_argument("--study", metavar="NAME", help="its name there; left out, the spec's")
    parser.add_argument(
        "--heartbeat",
        type=at_least_one,
        metavar="S",
        help="seconds between signs of life there; left out, 60",
    )
    add_shared(parser, "--optimize")


def run(arguments: Namespace) -> int:
    _refuse(arguments)
    source = read_spec(arguments.spec, arguments.words)
    diagnostics = Diagnostics()
    try:
        plan = make_plan(
            source,
            dict(arguments.set),
            diagnostics,
            trials=arguments.trials,
            workers=arguments.workers or cores(),
            pruning=not arguments.no_pruning,
            optimize=arguments.optimize,
        )
    finally:
        report_diagnostics(diagnostics, source)
    folder = Path(arguments.output or Path("runs", f"{plan.name}-search"))
    fetch_data(plan.spec)
    lines, bars = partial(SearchLines, plan), partial(SearchBars, plan)
    with observing(lines, bars, counts=True) as observer:
        found = _search(plan, folder, observer, arguments)
    return found if isinstance(found, int) else _report(found, folder)


def _refuse(arguments: Namespace) -> None:
    """Refuse options that do not go together, and a search without Optuna."""
    if importlib.util.find_spec("optuna") is None:
        raise CommandError("`search` needs optuna", "pip install 'nndsl[search]'")
    if arguments.trials is not None and arguments.trials > MAX_TRIALS:
        raise CommandError(f"--trials takes a number up to {MAX_TRIALS:_}")
    for option in ("study", "heartbeat"):
        if getattr(arguments, option) is not None and arguments.storage is None:
            raise CommandError(f"--{option} is about a storage", "name one with --storage URL")
    if arguments.fresh and arguments.storage is not None:
        raise CommandError(
            "--fresh would take the trials away from the others who search in the storage",
            "give the search another name there: --study NAME",
        )


def _search(
    plan: Plan, folder: Path, observer: SearchLines, arguments: Namespace
) -> SearchResult | int:
    """Return the result, or an exit code if the search is left to another command."""
    from nndsl.experiment.search.runner import search_here, search_together
    from nndsl.experiment.search.shared import HEARTBEAT

    workers, storage = arguments.workers or cores(), arguments.storage
    command = _command(plan, arguments)
    try:
        if storage is None:
            fresh = arguments.fresh
            return search_here(plan, folder, observer, command, workers=workers, fresh=fresh)
        return search_together(
            plan,
            folder,
            observer,
            command,
            storage=storage,
            study=arguments.study or plan.name,
            workers=workers,
            heartbeat=arguments.heartbeat or HEARTBEAT,
        )
    except KeyboardInterrupt:
        where = folder if storage is None else "the storage"
        kept = f"{observer.done} of {plan.trials} trials"
        say(f"interrupted: {kept} are kept in {where}; the same command goes on from there")
        return INTERRUPTED
    except Busy as error:
        if storage is None:
            raise
        say(f"another participant{error.who} writes what was found into {folder}")
        return 0
    except OSError as error:
        raise write_error(folder, error) from None


def _command(plan: Plan, arguments: Namespace) -> str:
    """Return the command without the password of the storage."""
    words = ["nndsl", "search", *spec_arguments(plan.source, plan.settings)]
    words += ["--trials", str(plan.trials)] if arguments.trials is not None else []
    words += ["--no-pruning"] * arguments.no_pruning + ["--optimize"] * arguments.optimize
    if arguments.storage is not None:
        from nndsl.experiment.search.shared import address

        words += ["--storage", address(arguments.storage)]
        words += ["--study", arguments.study] if arguments.study is not None else []
    return command_line(words)


def _report(found: SearchResult, folder: Path) -> int:
    """Print the result; return the exit code."""
    from nndsl.experiment.search.page import counted, test_results

    plan, best = found.plan, found.best
    _say_what_is_there(found, folder)
    if best is None or best.value is None:
        help = "a narrower range, most often of the learning rate, keeps trials from diverging"
        message = f"no trial came to its end: {translated(counted(found))}"
        raise CommandError(message, help, code=1)
    known = {"count": len(found.trials), "ends": counted(found), "epochs": f"{found.epochs:,}"}
    print("\n" + translated("best of {count} trials ({ends}, {epochs} epochs)", **known))
    found_in = {"name": plan.metric, "value": f"{best.value:.4f}", "number": best.number + 1}
    print("  " + translated("{name} {value} in trial {number}", **found_in))
    width = max(map(len, best.settings))
    for name, value in best.settings.items():
        print(printable(f"  {name:<{width}} = {value}"))
    if found.run is not None and found.run.problem:
        raise CommandError(f"training with the best values: {found.run.problem}", code=1)
    if found.baseline is not None:
        answer, number = found.baseline
        said = "without a network: {value}, by {how}"
        said = said if found.beats_baseline else f"no better than {said}"
        known = {"value": f"{number:.4f}", "how": sentence(answer)}
        print("  " + translated(said, **known))
    if found.run is not None and (text := test_results(found.run.results)):
        print("  " + translated("trained with these: {results}", results=text))
    if found.sentences:
        print("\n" + translated("what the trials say"))
        for one in found.sentences:
            print(printable(f"  {translated(one)}"))
    return 0


def _say_what_is_there(found: SearchResult, folder: Path) -> None:
    files = sorted(p.name for p in folder.iterdir() if p.is_file() and p.name[0] != ".")
    trained = ", and the run with the best values in best/" if found.best else ""
    say(f"wrote {folder}/: {', '.join(files)}{trained}")
    if found.without_figures:
        say(f"no figures: {NEEDED}")
