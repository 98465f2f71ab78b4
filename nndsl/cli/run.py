"""`nndsl run`: train in process; the lines on stdout are those of the script."""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from nndsl.analysis.compile import analyse
from nndsl.analysis.outcomes import Outcome
from nndsl.analysis.override import as_options
from nndsl.cli.arguments import Parser, add_optimize, add_spec, read_spec
from nndsl.cli.dispatch import INTERRUPTED
from nndsl.cli.failure import CommandError, without_data
from nndsl.cli.output import count_warnings, say, unwritable, write
from nndsl.cli.progress import downloads, training
from nndsl.diagnostics import Findings
from nndsl.emit.build import build_script
from nndsl.live.model import Model, ModelError
from nndsl.live.recording.recorder import Recorder, all_instruments
from nndsl.live.recording.sentences import sentences
from nndsl.live.run import SCRIPT, Run, new_folder
from nndsl.report.record_page import report_record
from nndsl.report.run_page import Story, report_run
from nndsl.source import Source
from nndsl.vocabulary.dataset import DataError

DESCRIPTION = """\
Train a spec, and keep history, results, weights, learning curves, the spec, its
script and a report in a folder. What it prints is what the script prints."""
EXAMPLE = """\
  nndsl run digits.nn                         into runs/digits-1, then -2 …
  nndsl run digits.nn --set train.epochs=3 -o quick
  nndsl run digits.nn --record                and what goes on inside it"""


def add_arguments(parser: Parser) -> None:
    add_spec(parser)
    parser.add_argument(
        "-o", "--output", metavar="DIR", help="the folder; left out, runs/NAME-NUMBER"
    )
    add_optimize(parser)
    parser.add_argument(
        "--record",
        action="store_true",
        help="watch layers, gradients and steps, without a `record`",
    )


def run(arguments: Namespace) -> int:
    source = read_spec(arguments.spec)
    findings = Findings()
    checked = analyse(source, findings, dict(arguments.set))
    count_warnings(checked, findings, source, arguments)
    if checked.spec is not None and checked.spec.experiments.get("minimize"):
        from nndsl.cli.descent import run_descent

        return run_descent(checked, source, arguments)
    script = build_script(checked, findings, name=SCRIPT, optimized=arguments.optimize)
    model = Model(checked, script)
    assert model.spec.data is not None or "main" not in model.namespace
    try:
        Run(model, Path())  # before a folder is made
        with downloads() as progress:
            assert model.spec.data is not None
            model.spec.data.fetch(source.folder, progress)
        folder = new_or_named(arguments.output, model.spec.name)
        return _train(model, folder, source, arguments)
    except ModelError as error:
        raise CommandError(
            str(error), "`nndsl new NAME` writes a spec that has both", code=1
        ) from None
    except DataError as error:
        raise without_data(error, model.spec) from None


def _train(model: Model, folder: Path, source: Source, arguments: Namespace) -> int:
    command = ["nndsl", "run", arguments.spec, *as_options(dict(arguments.set))]
    command += ["--optimize"] * arguments.optimize + ["--record"] * arguments.record
    write(folder / f"spec{source.suffix}", source.text)
    write(folder / "command.txt", f"{shlex.join(command)}\n")
    write(folder / SCRIPT, model.source)
    expectations = model.spec.experiments.get("expect") or ()
    running = Run(model, folder, expectations)
    recorder = _recorder(model, everything=arguments.record)
    begin, problem = perf_counter(), ""
    try:
        with training(running.steps) as on_step:
            running.start(on_step)
    except FloatingPointError as error:
        problem = str(error)
        help = "a smaller learning rate helps most, then a bound on the gradient (clip)"
        raise CommandError(f"training diverged: {error}", help, code=1) from None
    except OSError as error:
        raise unwritable(folder, error) from None
    finally:
        story = Story(shlex.join(command), perf_counter() - begin, problem)
        _finish(running, story, recorder)
    hold(running.outcomes)
    return 0 if running.finished else INTERRUPTED


def hold(outcomes: Iterable[Outcome]) -> None:
    """Say which expectations hold. SpecError where one does not."""
    findings = Findings()
    for outcome in outcomes:
        if outcome.holds:
            say(f"holds: {outcome.expectation}, found {outcome.shown}")
        else:
            findings.error("NN501", outcome.message, outcome.expectation.span)
    findings.raise_if_failed()


def _recorder(model: Model, *, everything: bool) -> Recorder | None:
    """Return what watches the training: by all instruments, by those of the spec, or None."""
    instruments = all_instruments() if everything else model.spec.experiments.get("record")
    return Recorder(model, instruments) if instruments else None


def _finish(running: Run, story: Story, recorder: Recorder | None) -> None:
    """Write the report where training began, and say what was written."""
    sys.stdout.flush()
    missing = ""
    if running.history.rows or story.diverged:
        try:
            if recorder is not None and recorder.record.epochs:
                story = replace(story, parts=report_record(recorder.record, running.folder))
            missing = report_run(running, story)
        except OSError as error:
            raise unwritable(running.folder, error) from None
    names = sorted(path.name for path in running.folder.iterdir())
    say(f"wrote {running.folder}/: {', '.join(names)}")
    if missing:
        say(missing)
    for sentence in sentences(recorder.record) if recorder is not None else ():
        say(f"recorded: {sentence}")


def new_or_named(output: str | None, name: str) -> Path:
    """Return the folder of a run. CommandError where it cannot be made, or is not empty."""
    folder = Path(output) if output is not None else Path("runs")
    try:
        if output is None:
            return new_folder(name, folder)
        folder.mkdir(parents=True, exist_ok=True)
        used = any(folder.iterdir())
    except OSError as error:
        raise unwritable(folder, error) from None
    if used:
        raise CommandError(f"{folder} is not empty", "name another folder after -o")
    return folder
