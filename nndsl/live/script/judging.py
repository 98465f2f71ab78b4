"""A script is judged in a process of its own, with a limit of time and memory.

What comes back from it is read, and never executed.
"""

import faulthandler
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nndsl.analysis.compile import Checked, analyse
from nndsl.emit.build import build_script
from nndsl.live.gradients.report import Property, Report
from nndsl.live.judging.assignments import assigned
from nndsl.live.model import Model
from nndsl.live.network import require_backward_pass, require_network
from nndsl.live.script.audit import confine, replaced
from nndsl.live.script.confinement import Printed, leave_network
from nndsl.live.script.judge import judge, judge_parts
from nndsl.live.script.judged_script import TITLE, code_at, is_in
from nndsl.live.script.own_process import Ended, run_module, take_streams
from nndsl.program.style import FLAT, LAYERS
from nndsl.resources import own_folders
from nndsl.source import Source, read_source

TIMEOUT = 120.0  # seconds
MEMORY = 4_000  # MB
FIRST = 10.0  # seconds of a step that takes far less: the script is executed, and called once
MAX_ANSWER = 50_000_000
NO_NEED = "leave it out: a script needs its data, numpy and the standard library"


def judge_script(
    spec: str | Path,
    script: str | Path,
    *,
    set: Mapping[str, Any] | None = None,
    words: Iterable[str | Path] = (),
    optimize: bool = False,
    timeout: float = TIMEOUT,
    memory: int = MEMORY,
    full: bool = False,
    seed: int = 0,
) -> Report:
    """Judge a script that a person edited, by the page that it was built from.

    Each gradient is held to the derivative of the page's loss, and loss, predictions, update and
    all other parts to what the page says, however the script computes them. It runs in a process
    of its own for `timeout` seconds at most, with `memory` MB at most; whatever it does is told in
    the report: `passed`, `rows` (the gradients) and `properties` (the parts), which `to_json` has
    as well. SpecError, SourceError where spec or script cannot be read, ModelError without `train`.
    """
    source, settings = read_source(spec, words), dict(set or {})
    checked = analyse(source, settings=settings)
    checked.diagnostics.raise_if_failed()
    return judge_source(
        checked,
        source,
        settings,
        read_source(script, is_script=True),
        optimize=optimize,
        timeout=timeout,
        memory=memory,
        full=full,
        seed=seed,
    )


def judge_source(
    checked: Checked,
    source: Source,
    settings: Mapping[str, Any],
    script: Source,
    *,
    optimize: bool = False,
    timeout: float = TIMEOUT,
    memory: int = MEMORY,
    full: bool = False,
    seed: int = 0,
    parts_alone: bool = False,
) -> Report:
    """Judge a script by a spec that was read and checked. ModelError where it has no gradients.

    With `parts_alone` no gradient is compared, which takes a tenth of the time.
    """
    is_of_classes = any("." in function for function in assigned(script.text))
    style = LAYERS if is_of_classes and not optimize else FLAT
    spec = require_network(checked)
    require_backward_pass(spec)
    folder = str(script.path.parent.resolve()) if script.path else ""
    nonce = secrets.token_hex(16)
    job = {
        "nonce": nonce,
        "spec": [source.name, source.text, str(source.path.resolve()) if source.path else None],
        "words": [str(path.resolve()) for path in source.words],
        "settings": dict(settings),
        "style": style,
        "optimize": optimize,
        "text": script.text,
        "folder": folder,
        "timeout": timeout,
        "memory": memory,
        "full": full,
        "seed": seed,
        "parts_alone": parts_alone,
    }
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as own:
        sent = json.dumps({**job, "own": own}).encode()
        ended = run_module(__name__, sent, timeout, MAX_ANSWER, os.environ)
    said = list(ended.said(nonce))
    report = _read(said)
    if report is None:
        seconds = time.monotonic() - began
        report = _without_answer(spec.name, script.text, ended, said, seconds, timeout)
    refused = next((str(held["violation"]) for held in said if "violation" in held), "")
    if refused and not any(refused[1:] in told.detail for told in report.properties):
        failed = Property(TITLE, False, f"{refused[:1].upper()}{refused[1:]}", help=NO_NEED)
        report = Report(spec.name, (), (failed,), 0, (), 0)
    return replace(report, script=script.name, source=source.name, is_judged=True)


def _read(said: list[dict[str, Any]]) -> Report | None:
    """Return the last report, if it is one: a script passes with all gradients of the page."""
    reports = [Report.from_json(held["report"]) for held in said if "report" in held]
    report = reports[-1] if reports else None
    missing = {*said[0]["params"]} - {row.name for row in report.rows} if report else set()
    if report and report.passed and missing and not said[0]["parts_alone"]:
        return None
    return report


def _without_answer(
    name: str,
    text: str,
    ended: Ended,
    said: list[dict[str, Any]],
    seconds: float,
    timeout: float,
) -> Report:
    """Return the report on a script whose process gave none."""
    doing = [held["doing"] for held in said if "doing" in held][-1:]
    where = f", where {doing[0]}" if doing else ""
    path = f"{name}.py"  # which other texts have as well, that the check runs
    frames = ((at, function) for file, at, function in ended.frames if Path(file).name == path)
    line = next((at for at, function in frames if is_in(text, at, function)), None)
    if ended.took_too_long:
        wrong = f"It was stopped after {seconds:.0f} seconds{where}"
        help = "a loop has no end, or takes long: --timeout allows more"
        if seconds < timeout:
            help = "a loop has no end: a few examples take far less"
    else:
        wrong = f"Its process ended{where}: exit code {ended.code}"
        help = "leave out what ends it, or what may crash numpy"
        if ended.was_killed:
            help = "it may have needed more memory than there is"
    failed = Property(TITLE, False, wrong, line=line, code=code_at(text, line), help=help)
    return Report(name, (), (failed,), 0, (), 0)


# --- In the process --------------------------------------------------------------------


def main() -> None:
    """Judge the script of the job on stdin, and write to stdout what comes of it."""
    job = json.load(sys.stdin)
    nonce = job.pop("nonce")
    answer = take_streams(Printed())
    end = os._exit
    leave_network()
    faulthandler.enable(answer)
    deadline = time.monotonic() + job["timeout"]
    calls = iter((FIRST, FIRST, FIRST))

    def answers(**said: str | bool | list[str]) -> None:
        print(json.dumps({"nonce": nonce, **said}), file=answer, flush=True)

    def says(doing: str) -> None:
        """Say what is done next, and end the process where it takes too long."""
        answers(doing=doing)
        left = max(0.1, deadline - time.monotonic())
        faulthandler.dump_traceback_later(min(next(calls, left), left), exit=True, file=answer)

    name, text, path = job["spec"]
    words = tuple(map(Path, job["words"]))
    source = Source(name, text, Path(path) if path else None, words)
    checked = analyse(source, settings=job["settings"])
    script = build_script(checked, optimized=job["optimize"], style=job["style"])
    page = Model(checked, script)
    answers(
        params=[*page.parameters], parts_alone=job["parts_alone"]
    )  # first of all: no script that is judged has run
    beside = [job["folder"]] if job["folder"] else []
    os.chdir(job["folder"] or job["own"])
    sys.path += beside
    tempfile.tempdir = job["own"]
    data = [*page.spec.files.values(), *(file.path for file in script.files.values())]
    readable = [*own_folders(), *beside, *data]
    was = confine(answers, readable, Path(job["own"]), job["memory"], is_lenient=True)
    try:
        held_to = judge_parts if job["parts_alone"] else judge
        report = held_to(page, job["text"], says, full=job["full"], seed=job["seed"])
    except MemoryError:
        help = "--memory allows more"
        failed = Property(TITLE, False, "It needs more memory than it may have", help=help)
        report = Report(page.spec.name, (), (failed,), 0, (), 0)
    finally:  # where it fails as well: what it relies on may be replaced
        if name := replaced(was):
            answers(violation=f"it replaces `{name}`")
    answers(report=report.to_json())
    end(0)
