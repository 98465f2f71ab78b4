"""A student's script in a process of its own: what is asked of that, and what it answers.

The process is told neither what is right nor where that stands, and what a script tries there costs
all points. That stops mistakes and ordinary cheating, and not malice.
"""

import base64
import binascii
import contextlib
import io
import json
import os
import secrets
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nndsl.course.grading.worker import CALL, TRACE, TRAIN
from nndsl.emit.script import Script
from nndsl.live.gradients.builds import in_float64
from nndsl.live.judging.observation import NUMBERS, Array, Observed, in_double
from nndsl.live.judging.reference import given_of
from nndsl.live.script.own_process import Ended, run_module

CALL_SECONDS = 30.0  # for all its functions, which are called on a few examples
MAX_ANSWER = 200_000_000
WORKER = "nndsl.course.grading.worker"
SENT = ("arrays", "printed", "failures")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a script was seen to do in its process."""

    observed: Observed
    violations: tuple[str, ...] = ()
    printed: str = ""
    ended: str = ""  # why there is no more of it


class Runner:
    """Runs scripts of a page, which find its data beside them."""

    def __init__(self, script: Script, expected: Mapping[str, Array], memory: int) -> None:
        """`expected` has what functions are called on; `memory` is in MB."""
        self._files = {name: file.path.resolve() for name, file in script.files.items()}
        self._given, self._memory = given_of(expected), memory

    def call(self, text: str) -> Answer:
        """Call the functions of a script. SyntaxError where it is no Python."""
        return self._run(CALL, in_double(in_float64(text)), CALL_SECONDS, self._given)

    def trace(self, text: str) -> Answer:
        """Follow the functions of a training step, line by line."""
        return self._run(TRACE, in_double(in_float64(text)), CALL_SECONDS, self._given)

    def train(self, text: str, seconds: float) -> Answer:
        """Let a script train as it stands there."""
        return self._run(TRAIN, text, seconds, {})

    def _run(self, does: str, text: str, seconds: float, given: Mapping[str, Array]) -> Answer:
        nonce = secrets.token_hex(16)
        with tempfile.TemporaryDirectory() as folder:
            for name, path in self._files.items():
                if path.exists():
                    Path(folder, name).symlink_to(path)
            job = {
                "nonce": nonce,
                "does": does,
                "script": "train.py",
                "text": text,
                "folder": folder,
                "readable": [str(path) for path in self._files.values()],
                "memory": self._memory,
                "timeout": seconds,
            }
            content = io.BytesIO()
            np.savez(content, **given)  # type: ignore[arg-type]
            sent = json.dumps(job).encode() + b"\n" + content.getvalue()
            ended = run_module(WORKER, sent, seconds, MAX_ANSWER, {"PATH": os.defpath})
        return _read(ended, nonce, str(Path(folder, "train.py")))


def _read(ended: Ended, nonce: str, path: str) -> Answer:
    """Return what a process said: a script may write there as well, and is not believed."""
    said = [*ended.said(nonce)]
    if not all(map(_is_of_a_worker, said)):
        return Answer(Observed(), ("it writes into what its process says",))
    violations = tuple(str(one["violation"]) for one in said if "violation" in one)
    observed = Observed()
    printed = ""
    with contextlib.suppress(ValueError, binascii.Error, zipfile.BadZipFile, KeyError, TypeError):
        for one in (one for one in said if "arrays" in one):
            with np.load(io.BytesIO(base64.b64decode(one["arrays"]))) as file:
                observed.arrays |= {n: a for n, a in file.items() if a.dtype.kind in NUMBERS}
            observed.failures |= one["failures"]
            printed += one["printed"]
        if said and "done" in said[-1]:
            return Answer(observed, violations, printed)
    doing = "".join(f", {one['doing']}" for one in said if "doing" in one)
    line = next((at for file, at, _ in ended.frames if file == path), None)
    where = f" in line {line}" if line else ""
    if ended.took_too_long:
        why = f"it was stopped{where}{doing}: it takes too long, or has no end"
    elif ended.was_killed:
        why = "its process was ended: it may have needed more memory than there is"
    else:
        why = f"it ends its process{where}{doing}: exit code {ended.code}"
    return Answer(observed, violations, printed, why)


def _is_of_a_worker(said: Mapping[str, Any]) -> bool:
    """Is what a process said of the form in which the worker says it?"""
    sent = [said.get(name, {} if name == "failures" else "") for name in SENT]
    return (
        all(isinstance(text, str) for text in sent[:2])
        and _holds(sent[2], dict)
        and all(
            isinstance(failure.get("kind"), str)
            and isinstance(failure.get("says"), str)
            and isinstance(failure.get("line", ""), int | None)
            for failure in sent[2].values()
        )
    )


def _holds(value: Any, kind: type) -> bool:
    return isinstance(value, dict) and all(isinstance(held, kind) for held in value.values())
