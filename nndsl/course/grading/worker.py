"""The process that runs a student's script: it calls its functions, and sends what they give.

What is right is not known here, and what it could be learnt from is kept from the script: it may
open its data, the library and numpy. That stops mistakes and ordinary cheating: Python keeps no
secret from code that is determined.
"""

import base64
import faulthandler
import io
import json
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from nndsl.live.execute import execute
from nndsl.live.judging.assignments import assigned
from nndsl.live.judging.observation import (
    BEGIN,
    Array,
    Observed,
    failure,
    keep,
    observe,
    plots_left_out,
    run_script,
)
from nndsl.live.judging.tracing import trace_step
from nndsl.live.script.audit import confine, replaced
from nndsl.live.script.confinement import Printed, leave_network
from nndsl.live.script.own_process import take_streams

CALL, TRACE, TRAIN = "call", "trace", "train"  # what is to be done
TRAINED = "trained"
SHOWN = 2_000  # characters of what it prints


def main() -> None:
    """Run the script of the job on stdin, and write to stdout what it does."""
    job = json.loads(sys.stdin.buffer.readline())
    with np.load(io.BytesIO(sys.stdin.buffer.read())) as file:
        given = dict(file)
    nonce = job["nonce"]
    leave_network()
    printed = Printed(SHOWN)
    answer = take_streams(printed)
    end = os._exit

    def says(**said: Any) -> None:
        print(json.dumps({"nonce": nonce, **said}), file=answer, flush=True)

    faulthandler.enable(answer)
    folder = Path(job["folder"])
    os.chdir(folder)
    own = [name for name in sys.modules if name.partition(".")[0] == "nndsl"]
    shown = [Path(str(sys.modules.pop(name).__file__)) for name in own]  # by a traceback
    del sys.path[len(sys.path) - len(sys.argv) + 1 :]  # where nndsl lies, which `main_of` added
    was = confine(says, [*shown, *job["readable"]], folder, job["memory"])
    faulthandler.dump_traceback_later(job["timeout"], exit=True, file=answer)
    path = str(folder / job["script"])
    if job["does"] == TRAIN:
        says(doing="where it trains")
        # it may print in each step, and has an end
        sys.stdout = sys.stderr = Printed(most=math.inf)
        _send(says, _trained(job["text"], path), "")
    else:
        _send(says, _called(job["text"], path, given, job["does"]), printed.kept)
    if name := replaced(was):
        says(violation=f"it replaces `{name}`")
    says(done=True)
    end(0)


def _send(says: Callable[..., None], observed: Observed, printed: str) -> None:
    content = io.BytesIO()
    np.savez(content, **observed.arrays)  # type: ignore[arg-type]
    arrays = base64.b64encode(content.getvalue()).decode()
    says(failures=observed.failures, printed=printed, arrays=arrays)


def _called(text: str, path: str, given: dict[str, Array], does: str) -> Observed:
    """Call the functions of a script on what is given, or trace them line by line."""
    observed = Observed()
    try:
        names, observed = run_script(lambda text: execute(text, path), text, path)
        if does == TRACE:
            observed.arrays = trace_step(names, given, path, assigned(text))
        else:
            observe(names, given, path, observed)
    except BaseException as error:  # whatever it is, it is said
        observed.failures[BEGIN] = failure(error, path)
    return observed


def _trained(text: str, path: str) -> Observed:
    """Train as the script does, and keep its weights: what they are worth is found elsewhere."""
    observed = Observed()
    try:
        with plots_left_out():
            names = execute(text, path)
            names["main"]()
        for kind in ("params", "state"):
            for name, array in names.get(kind, {}).items():
                keep(observed, f"{TRAINED}/{kind}/{name}", array)
    except BaseException as error:
        observed.failures[TRAINED] = failure(error, path)
    return observed
