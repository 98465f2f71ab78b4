"""A worker is a process that trains one job after another.

It reads JSON from stdin, first the spec, then jobs, and answers on stdout: `{"epoch": …}` after
each epoch of a job (a trial then waits for a line, `true` to go on), `{"end": …}` after the last.
It ends when its stdin does, whatever it is doing then: nobody is there to take the result. Ctrl-C,
which Windows and some terminals give to every process, is for the one who leads.
"""

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from nndsl.analysis.compile import analyse
from nndsl.analysis.json_form import tree_to_json
from nndsl.analysis.override import spec_arguments
from nndsl.analysis.spec_edits import (
    apply_edits,
    comment_out,
    move_paths,
    parse,
    set_values,
)
from nndsl.data import DataError
from nndsl.diagnostics import Diagnostics, SpecError
from nndsl.emit.build import build_script
from nndsl.experiment.job import Results
from nndsl.experiment.outcome_cache import save_outcome
from nndsl.files import create_folder, write_text
from nndsl.interchange import command_line
from nndsl.languages import choose_language, translated
from nndsl.live.model import Model, ModelError
from nndsl.live.recording.recorder import Recorder
from nndsl.live.run import SCRIPT, Run
from nndsl.report.run_page import RunContext, finish_run
from nndsl.source import Source
from nndsl.syntax.ast import Tree

OnEpoch = Callable[[Results], bool]  # returns whether a trial goes on
OUTPUT = "output.txt"  # in the folder of a run: what the script prints


def main() -> None:
    """Work until stdin ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    work(sys.stdin, answers)


def work(jobs: TextIO, answers: TextIO) -> None:
    """Read a spec and jobs, and answer, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(jobs, lines), daemon=True).start()
    spec = json.loads(lines.get())
    path, words = spec["path"], tuple(map(Path, spec["words"]))
    source = Source(spec["name"], spec["text"], Path(path) if path else None, words)
    choose_language(spec["language"])
    while True:
        job = json.loads(lines.get())

        def on_epoch(row: Results, is_trial: bool = job["kind"] == "trial") -> bool:
            _send(answers, epoch=row)
            return not is_trial or json.loads(lines.get())

        _send(answers, end=run_job(source, job, on_epoch, optimize=spec["optimize"]))


def run_job(
    source: Source, job: dict[str, Any], on_epoch: OnEpoch, *, optimize: bool
) -> dict[str, Any]:
    """Train a job; return the fields of its outcome."""
    begun = time.perf_counter()
    end: dict[str, Any] = {}
    try:
        checked = analyse(source, settings=job["settings"], alone=True)
        script = build_script(checked, name=SCRIPT, optimized=optimize)
        model = Model(checked, script)
        if job["kind"] == "trial":
            with np.errstate(all="ignore"):  # the script checks for nan and inf
                end = _trial(model, on_epoch)
        else:
            end = _run(model, job, source, on_epoch, begun)
    except SpecError as error:
        end = {"problem": f"the spec has errors: {error.diagnostics[0].message}"}
    except ArithmeticError as error:
        end = _diverged(error)
    except (ModelError, DataError) as error:
        end = {"problem": str(error)}
    except OSError as error:
        reason = error.strerror or str(error)
        end = {"problem": f"cannot write {error.filename or job['folder']}: {reason}"}
    except MemoryError:
        end = {"problem": "there is not enough memory for this network"}
    return {"seconds": time.perf_counter() - begun, **end}


def _run(
    model: Model, job: dict[str, Any], source: Source, on_epoch: OnEpoch, begun: float
) -> dict[str, Any]:
    """Train, and write what `nndsl run` writes into the folder; the outcome comes last."""
    folder = Path(job["folder"])
    create_folder(folder)
    words = ["nndsl", "run", *spec_arguments(source, job["settings"])]
    command = command_line([*words, *["--optimize"] * model.script.is_optimized])
    trained = _trained_spec(source, model.spec.tree, job["settings"], folder)
    write_text(folder / f"spec{source.suffix}", trained)
    write_text(folder / "command.txt", f"{command}\n")
    write_text(folder / SCRIPT, model.source)
    running = Run(model, folder)
    instruments = model.spec.experiments.get("record")
    recorder = Recorder(model, instruments) if instruments else None
    partial = folder / f"{OUTPUT}.partial"
    end: dict[str, Any] = {}
    diverged = ""
    with partial.open("w", encoding="utf-8") as output, contextlib.redirect_stdout(output):
        try:
            running.start(on_epoch=on_epoch)
            end["results"] = running.results
            end["baselines"] = {b.answer: b.results for b in running.history.baselines}
        except FloatingPointError as error:
            diverged = str(error)
            end = _diverged(error)
        output.flush()
        os.fsync(output.fileno())
    end["seconds"] = time.perf_counter() - begun
    partial.replace(folder / OUTPUT)
    finish_run(running, RunContext(command, end["seconds"], diverged), recorder)
    save_outcome(folder, job["digest"], {"rows": running.history.rows, **end})
    return end


def _trained_spec(source: Source, tree: Tree, settings: dict[str, str], folder: Path) -> str:
    """Return the spec of one training with its settings in it, so that `nndsl run` repeats it."""
    if source.is_json:
        own = tuple(s for s in tree.statements if s.name.text != "compare")
        document = tree_to_json(replace(tree, statements=own), Diagnostics())
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        return move_paths(replace(source, text=text), folder)
    written = parse(source)
    heading = translated("One training of this comparison:")
    comparisons = (s for s in written.statements if s.name.text == "compare")
    edits = [*set_values(written, settings), *(comment_out(s, heading) for s in comparisons)]
    return move_paths(apply_edits(source, written, edits), folder)


def _diverged(error: ArithmeticError) -> dict[str, Any]:
    return {"problem": f"training diverged: {error}", "diverged": True}


def _trial(model: Model, on_epoch: OnEpoch) -> dict[str, Any]:
    row: Results = {}
    for epoch, results in model.epochs(model.data()):
        row = {"epoch": epoch, **results}
        if not on_epoch(row):
            return {"results": row, "stopped": True}
    train = model.spec.train
    if train is not None and train.stop is not None:  # it restored the weights of the best epoch
        for part in {"training", "validation"} & model.data().keys():
            found = model.evaluate(*model.data()[part])
            row |= {f"{part}_{name}": value for name, value in found.items()}
    return {"results": row}


def _read(jobs: TextIO, lines: queue.Queue[str]) -> None:
    for line in jobs:
        lines.put(line)
    os._exit(1)


def _send(answers: TextIO, **message: object) -> None:
    try:
        print(json.dumps(message), file=answers, flush=True)
    except BrokenPipeError:  # the end of stdin is about to be read
        os._exit(1)
