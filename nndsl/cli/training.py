"""One training in this process and its folder, for `nndsl run`."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import TextIOBase
from pathlib import Path
from time import perf_counter
from typing import TextIO

from nndsl.analysis.compile import Checked
from nndsl.analysis.imports import self_contained
from nndsl.analysis.override import spec_arguments
from nndsl.cli.dispatch import INTERRUPTED, discard, is_broken_pipe
from nndsl.cli.errors import CommandError
from nndsl.cli.output import report_expectations, run_folder, say, write, write_error
from nndsl.cli.progress import fetch_data, training
from nndsl.emit.script import Script
from nndsl.interchange import command_line
from nndsl.live.model import Model
from nndsl.live.recording.recorder import Recorder, all_instruments
from nndsl.live.recording.sentences import sentences
from nndsl.live.run import SCRIPT, Run
from nndsl.live.weights import WEIGHTS
from nndsl.program.style import FLAT
from nndsl.report.judged import class_sentence
from nndsl.report.page import NAME
from nndsl.report.run_page import RunContext, finish_run
from nndsl.report.verdict import baseline_sentences
from nndsl.source import Source


def train(checked: Checked, script: Script, source: Source, arguments: Namespace) -> int:
    """Train with a script, and write the results; return the exit code."""
    model = Model(checked, script)
    assert model.spec.data is not None or "main" not in model.namespace
    fetch_data(model.spec)
    folder = run_folder(arguments.output, model.spec.name)
    out, err = _TolerantStream(sys.stdout), _TolerantStream(sys.stderr)
    with redirect_stdout(out), redirect_stderr(err):
        return _train(model, folder, source, arguments)


class _TolerantStream(TextIOBase):
    """A stream whose reader may leave (`| head -1`): the training goes on, and is saved."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with self._unless_closed():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._unless_closed():
            self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a stream without it has None
        return self._stream.encoding

    @contextmanager
    def _unless_closed(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not is_broken_pipe(error):
                raise
            discard(self._stream)
            say("nobody reads the output any more: training goes on, and is kept")


def _train(model: Model, folder: Path, source: Source, arguments: Namespace) -> int:
    command = ["nndsl", "run", *spec_arguments(source, dict(arguments.set))]
    command += ["--optimize"] * arguments.optimize + ["--record"] * arguments.record
    command += ["--style", arguments.style] * (arguments.style != FLAT)
    write(folder / f"spec{source.suffix}", self_contained(source).text)
    write(folder / "command.txt", f"{command_line(command)}\n")
    write(folder / SCRIPT, model.source)
    expectations = model.spec.experiments.get("expect") or ()
    running = Run(model, folder, expectations)
    recorder = _recorder(model, everything=arguments.record)
    begin, problem, code = perf_counter(), "", 0
    try:
        with training(model.spec.total_steps) as on_step:
            running.start(on_step)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except FloatingPointError as error:
        problem = str(error)
        help = "a smaller learning rate helps most, then a bound on the gradient (clip)"
        raise CommandError(f"training diverged: {error}", help, code=1) from None
    except OSError as error:
        raise write_error(folder, error) from None
    finally:
        context = RunContext(command_line(command), perf_counter() - begin, problem)
        _finish(running, context, recorder)
    if code == INTERRUPTED and (folder / WEIGHTS).exists():
        quoted = json.dumps(folder.as_posix(), ensure_ascii=False)
        say(f"to go on, in Python: model.restore({quoted}), then model.fit()")
    report_expectations(("", one) for one in running.expectation_results)
    return code


def _recorder(model: Model, *, everything: bool) -> Recorder | None:
    """Return a recorder with all instruments or those of the spec; None if there are none."""
    instruments = all_instruments() if everything else model.spec.experiments.get("record")
    return Recorder(model, instruments) if instruments else None


def _finish(running: Run, context: RunContext, recorder: Recorder | None) -> None:
    """Write what belongs to a run that has ended, and say what was written."""
    sys.stdout.flush()
    try:
        incomplete = finish_run(running, context, recorder)
    except OSError as error:
        raise write_error(running.folder, error) from None
    names = sorted(path.name for path in running.folder.iterdir())
    say(f"wrote {running.folder}/: {', '.join(names)}")
    for sentence in incomplete:
        say(sentence)
    for sentence in sentences(recorder.record) if recorder is not None else ():
        say(f"recorded: {sentence}")
    if running.finished and (said := class_sentence(running.model)):
        say(said)
    for sentence in baseline_sentences(running.history):  # what is to be remembered
        say(sentence)
    say(f"report: {running.folder / NAME}")
