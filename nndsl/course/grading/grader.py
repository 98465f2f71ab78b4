"""Grading: a student's script is run in a process of its own, and what it gives is compared here.

The process is told neither what is right nor where that stands, and what a script tries there costs
all points. That stops mistakes and ordinary cheating, and not malice.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import io
import json
import os
import secrets
import tempfile
import threading
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from nndsl.analysis.metrics import higher_is_better
from nndsl.course.grading.own_forward import OwnForward
from nndsl.course.grading.worker import TRAINED
from nndsl.course.judging.assignments import Assigned, assigned
from nndsl.course.judging.checks import Checks, items, said_of
from nndsl.course.judging.observation import (
    BEGIN,
    ESTIMATED,
    NUMBERS,
    STEP,
    Array,
    Endless,
    Observed,
    in_double,
    method_of,
    within,
)
from nndsl.course.judging.passes import PASSES, POINT
from nndsl.course.judging.reference import Reference
from nndsl.live.gradients.builds import in_float64
from nndsl.live.model import Model
from nndsl.live.network import measured
from nndsl.live.script.own_process import Ended, run_module

TIMEOUT, MEMORY = 60.0, 2_000  # seconds, MB
CALLS = 30.0  # seconds for all its functions, which are called on a few examples
MAX_ANSWER = 200_000_000
REACHED = 0.9  # of the way from the initial weights to what the page reaches, a training has to go
WORKER = "nndsl.course.grading.worker"
LOSS = "loss"  # a result
LEARNT_BY = ("gradient of ", "update")  # results: with a wrong one a training proves nothing
SENT = ("arrays", "printed", "failures")


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is worth points. `says`: why it got none."""

    name: str
    points: float
    of: float
    says: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """What a script got, and why. `refused`: why it got nothing at all."""

    student: str
    items: tuple[Item, ...]
    refused: str = ""
    first_wrong: str = ""  # of the variables on the way
    printed: str = ""  # by the script: not to be trusted
    seconds: float = 0.0
    seed: int = 0

    @property
    def points(self) -> float:
        return sum(item.points for item in self.items)

    @property
    def of(self) -> float:
        return sum(item.of for item in self.items)


@dataclass(frozen=True, slots=True)
class _Answer:
    observed: Observed
    violations: tuple[str, ...] = ()
    printed: str = ""
    ended: str = ""  # why there is no more of it


class Grader:
    """Grades scripts by a page. What the page's own script gives is found once."""

    def __init__(
        self,
        reference: Reference,
        *,
        points: Mapping[str, float] | None = None,
        seed: int | None = None,
        timeout: float = TIMEOUT,
        memory: int = MEMORY,
        is_of_an_exercise: bool = False,
    ) -> None:
        """`seed` is that of the numbers a script is called on: left out, it is drawn.

        In an exercise gradients that are right for the loss that is computed have their points.
        """
        self.reference, self.timeout, self.memory = reference, timeout, memory
        self.seed = secrets.randbelow(2**31) if seed is None else seed
        self.expected = reference.expected(self.seed)
        self._points = points
        is_by_chain = not any(name.endswith(f"/{ESTIMATED}") for name in self.expected)
        self.own_forward: OwnForward | None = None
        if is_of_an_exercise and is_by_chain:
            self.own_forward = OwnForward(reference, self.expected)
        self._failed = ""  # why the page's own script does not train here
        self._lock = threading.Lock()
        # copies: the model takes the weights of each script
        initial = {f"params/{name}": p.copy() for name, p in reference.model.parameters.items()}
        initial |= {f"state/{name}": s.copy() for name, s in reference.model.state.items()}
        self._initial = initial

    @cached_property
    def items(self) -> dict[str, float]:
        """What is looked at, and the points that it is worth."""
        names = [*items(self.expected), *([self._result] if self._result else [])]
        if self._points is None:
            return dict.fromkeys(names, 1.0)
        return {name: self._points[name] for name in names if self._points.get(name)}

    @cached_property
    def _of_layers(self) -> dict[str, Array]:
        """What variables of methods should be, in a script that is made of layers."""
        return self.reference.of_layers(given_of(self.expected))

    @property
    def left_out(self) -> str:
        """Why training is not graded; empty: it is."""
        if self._result or not self._is_trained:
            return ""
        if not self.reference.script.parts:
            return "the page names no data"
        return self._failed or "its data are not there"

    @property
    def known(self) -> list[str]:
        """What points can be given to."""
        return [*items(self.expected), self.reference.training]

    def unknown_points(self) -> list[str]:
        """Return names that points were given to, and nothing is called so."""
        return [name for name in self._points or () if name not in self.known]

    def grade(self, student: str, text: str) -> Grade:
        """Return the grade of a script."""
        began = time.monotonic()
        if not text.strip():
            return self._refused(student, "there is no `params`: the file is empty", "", began)
        try:
            answer = self._run(text)
        except (RecursionError, MemoryError):  # the second is how Python's parser says it, too
            return self._refused(student, "it cannot be read: it is nested too deeply", "", began)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            where = f" (line {line})" if line else ""
            return self._refused(
                student, f"it is no Python: {getattr(error, 'msg', error)}{where}", "", began
            )
        functions = assigned(text)
        checks = Checks(answer.observed, self.expected, functions)
        untrained = self._why_untrained(answer, checks) if self._result else ""
        trained = _Answer(Observed())
        if self._result and not untrained:
            trained = self._run(text, trains=True)
        failures = [*answer.observed.failures.values(), *trained.observed.failures.values()]
        ends = [failed for failed in failures if failed["kind"] == "SystemExit"]
        if ends:
            why = f"it ends the program (line {ends[0]['line']})"
            return self._refused(student, why, answer.printed, began)
        if why := next(iter((*answer.violations, *trained.violations)), answer.ended):
            return self._refused(student, why, answer.printed, began)
        found = []
        follow = self._follow(checks, answer.observed)
        for name, points in self.items.items():
            is_result = name == self._result
            of_training = untrained or self._training(trained) if is_result else ""
            says = of_training if is_result else checks.item(name) if name not in follow else ""
            found.append(Item(name, 0.0 if says else points, points, says))
        is_wrong = any(item.says and item.name != self._result for item in found)
        first = self._first_wrong(text, answer.observed, functions) if is_wrong else ""
        seconds = time.monotonic() - began
        return Grade(student, tuple(found), "", first, answer.printed, seconds, self.seed)

    def _follow(self, checks: Checks, observed: Observed) -> list[str]:
        """Return the gradients that follow rightly from a forward pass that is wrong."""
        if self.own_forward is None or LOSS not in self.items or not checks.item(LOSS):
            return []
        gradients = [name for name in self.items if name.startswith("gradient of ")]
        wrong = [name for name in gradients if checks.item(name)]
        return self.own_forward.right(wrong, observed) if wrong else []

    def _first_wrong(self, text: str, observed: Observed, functions: Mapping[str, Assigned]) -> str:
        """Say which variable is the first that is wrong: of a loop, in which of its passes."""
        expected = self.expected
        if any(map(method_of, observed.arrays)):
            expected = expected | self._of_layers
        checks = Checks(observed, expected, functions)
        if checks.is_told_by_passes:
            again = self._run(text, of_passes=True)
            if not (again.ended or again.violations):
                starts = tuple(f"{POINT}/{state}/" for state in PASSES)  # and no result
                kept = again.observed.arrays.items()
                observed.arrays |= {name: array for name, array in kept if name.startswith(starts)}
            checks = Checks(observed, expected, functions)
        return checks.first_wrong()

    def unread(self, student: str, why: str) -> Grade:
        """Return the grade of what is no script."""
        return self._refused(student, why, "", time.monotonic())

    def _refused(self, student: str, why: str, printed: str, began: float) -> Grade:
        lost = tuple(Item(name, 0.0, points, why) for name, points in self.items.items())
        seconds = time.monotonic() - began
        return Grade(student, lost, why, printed=printed, seconds=seconds, seed=self.seed)

    # --- The training -------------------------------------------------------------------

    @cached_property
    def _result(self) -> str:
        """What is looked at after training: `accuracy after training`; empty: nothing is."""
        return self.reference.training if self._is_trained and self._reached else ""

    @property
    def _is_trained(self) -> bool:
        """Is training worth points?"""
        return self._points is None or bool(self._points.get(self.reference.training))

    @cached_property
    def _reached(self) -> tuple[float, float] | None:
        """What the initial weights are worth, and those that the page's own script ends with."""
        script = self.reference.script
        if not script.parts or not all(file.path.exists() for file in script.files.values()):
            return None
        answer = self._run(script.text, trains=True, is_page=True)
        trained = within(answer.observed.arrays, TRAINED)
        if answer.ended:
            self._failed = f"the page's own script has {self.timeout / 3:.0f} s, and {answer.ended}"
            return None
        if not trained:
            failures = answer.observed.failures.values()
            said = next((failure["says"] for failure in failures), "it ends with no weights")
            self._failed = f"the page's own script fails: {said}"
            return None
        return self._worth(self._initial), self._worth(trained)

    def _worth(self, arrays: Mapping[str, Array]) -> float:
        """Return the first metric that a network with these weights has, or its loss."""
        model: Model = self.reference.model
        known = {f"params/{name}": p for name, p in model.parameters.items()}
        known |= {f"state/{name}": s for name, s in model.state.items()}
        with self._lock:  # several scripts are graded at a time, and there is one model
            parts = model.data()
            for name, array in known.items():
                array[...] = arrays[name]
            results = measured(model.namespace, *(parts.get("test") or next(iter(parts.values()))))
        return float(results[1] if len(results) > 1 else results[0])

    def _why_untrained(self, answer: _Answer, checks: Checks) -> str:
        """Say why a training would prove nothing; empty: it is tried."""
        failures = answer.observed.failures
        endless = next((f for f in failures.values() if f["kind"] == Endless.__name__), None)
        failed = failures.get(BEGIN) or endless
        if answer.ended or failed is not None:
            return answer.ended or said_of(failed or {})
        steps = (item for item in items(self.expected) if item.startswith(LEARNT_BY))
        wrong = next((item for item in steps if checks.item(item)), "")
        is_called = not any(what.endswith((f"/{STEP}", "/update")) for what in failures)
        return f"it learns with a wrong {wrong}" if wrong and is_called else checks.item(wrong)

    def _training(self, answer: _Answer) -> str:
        """Say what is wrong with what a script's training leads to; empty: nothing."""
        assert self._reached is not None
        if answer.ended:
            return answer.ended
        failed = answer.observed.failures.get(TRAINED)
        if failed is not None:
            return said_of(failed)
        begin, end = self._reached
        try:
            value = self._worth(within(answer.observed.arrays, TRAINED))
        except (KeyError, ValueError):
            return "the weights that it ends with are not those of the page"
        wanted = begin + REACHED * (end - begin)
        metric = next(iter(self.reference.script.metrics), "loss")
        is_better = higher_is_better(f"test_{metric}")
        if value >= wanted if is_better else value <= wanted:
            return ""
        least = "at least" if is_better else "at most"
        return f"it is {value:.4f}, and should be {least} {wanted:.4f}"

    # --- The process --------------------------------------------------------------------

    def _run(
        self,
        text: str,
        *,
        trains: bool = False,
        is_page: bool = False,
        of_passes: bool = False,
    ) -> _Answer:
        """Call the functions of a script, or let it train, and return what it was seen to do.

        SyntaxError where it is no Python.
        """
        script = self.reference.script
        nonce = secrets.token_hex(16)
        files = {name: file.path.resolve() for name, file in script.files.items()}
        training = self.timeout / 3 if is_page else self.timeout
        seconds = training if trains else CALLS
        with tempfile.TemporaryDirectory() as folder:
            for name, path in files.items():
                if path.exists():
                    Path(folder, name).symlink_to(path)
            job = {
                "nonce": nonce,
                "script": "train.py",
                "text": in_double(in_float64(text)),
                "plain": text,
                "folder": folder,
                "readable": [str(path) for path in files.values()],
                "memory": self.memory,
                "timeout": seconds,
                "trains": trains,
                "passes": of_passes,
            }
            content = io.BytesIO()
            given = {} if trains else given_of(self.expected)
            np.savez(content, **given)  # type: ignore[arg-type]
            sent = json.dumps(job).encode() + b"\n" + content.getvalue()
            ended = run_module(WORKER, sent, seconds, MAX_ANSWER, {"PATH": os.defpath})
        return _read(ended, nonce, str(Path(folder, "train.py")))


def given_of(expected: Mapping[str, Array]) -> dict[str, Array]:
    """Return what a script is called on, and nothing of what is right."""
    kinds = ("params", "state", "input", "target", "weight", "seed", ESTIMATED)
    return {
        name: array
        for name, array in expected.items()
        if name.split("/")[1] in kinds or name.startswith("update/step")
    }


def _read(ended: Ended, nonce: str, path: str) -> _Answer:
    """Return what a process said: a script may write there as well, and is not believed."""
    said = [*ended.said(nonce)]
    if not all(map(_is_of_a_worker, said)):
        return _Answer(Observed(), ("it writes into what its process says",))
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
            return _Answer(observed, violations, printed)
    doing = "".join(f", {one['doing']}" for one in said if "doing" in one)
    line = next((at for file, at, _ in ended.frames if file == path), None)
    where = f" in line {line}" if line else ""
    if ended.took_too_long:
        why = f"it was stopped{where}{doing}: it takes too long, or has no end"
    elif ended.was_killed:
        why = "its process was ended: it may have needed more memory than there is"
    else:
        why = f"it ends its process{where}{doing}: exit code {ended.code}"
    return _Answer(observed, violations, printed, why)


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
