"""The check of a whole script: what it does, held to what its page says, and where it differs."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nndsl.diagnostics import Diagnostics
from nndsl.emit.build import build_script
from nndsl.ir.parser import parse_script
from nndsl.live.model import Model
from nndsl.live.script import data, loop, network, stepping
from nndsl.live.script.judged import Judged, failure

MAX_CHANGES = 40  # places in which a script differs from its page's, that are tried one by one


@dataclass(frozen=True, slots=True)
class PartResult:
    """A part of a script, and what is wrong with it: nothing, where `wrong` is empty.

    `line` and `code` are of the script, `should` is what the page's script has in their place.
    `left_out` says why it was not looked at.
    """

    part: str
    wrong: str = ""
    line: int | None = None
    code: str = ""
    should: str = ""
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    title: str
    function: str  # of the script: where a mistake is looked for
    check: Callable[[Judged], str]


PARTS = (
    _Part("the seed", "", network.seeded),
    _Part("first weights", "params", network.initial),
    _Part("data", "load_data", data.parts),
    _Part("prediction", "predict", network.prediction),
    _Part("training pass", "loss_and_gradients", network.training_pass),
    _Part("evaluation", "evaluate", network.judgement),
    _Part("optimizer", "update", stepping.update),
    _Part("training loop", "train", loop.loop),
    _Part("early stopping", "train", loop.stopping),
    _Part("main", "main", loop.main),
)


def check_script(model: Model, *, full: bool = False, seed: int = 0) -> list[PartResult]:
    """Hold the text of a model to its page, part by part; the model itself is left alone.

    The text may be any that has the functions of a script. With `full` data is looked at,
    however large. ModelError where the spec has no `train`.
    """
    model.require_backward_pass()
    judged = Judged(model, model.source, seed)
    found = []
    with np.errstate(all="ignore"):
        for part in PARTS:
            left_out = data.why_not(judged, full=full) if part.check is data.parts else ""
            is_absent = part.check is loop.stopping and judged.definition.train.stop is None
            is_absent |= part.check is loop.main and not model.script.parts
            if left_out or is_absent:
                found += [PartResult(part.title, left_out=left_out)] * bool(left_out)
                continue
            wrong, line = _outcome(part, judged)
            found.append(_placed(part, judged, wrong, line) if wrong else PartResult(part.title))
    return found


def _outcome(part: _Part, judged: Judged) -> tuple[str, int | None]:
    """Return what is wrong with a part, and the line that fails, where one does."""
    try:
        if part.function and part.function not in judged.names():
            return f"the script has no `{part.function}`", None
        return part.check(judged), None
    except (
        Exception,
        SystemExit,
    ) as error:  # a script that somebody has edited may fail in any way
        said, line = failure(error, judged.path)
        return f"it fails: {said}", line


def _placed(part: _Part, judged: Judged, wrong: str, line: int | None) -> PartResult:
    """Say where a part is wrong: in what, of all that differs from the script of its page."""
    model, lines = judged.model, judged.text.split("\n")
    script = build_script(model.checked, Diagnostics(), optimized=model.script.is_optimized)
    own = script.text.split("\n")
    matcher = difflib.SequenceMatcher(None, lines, own, autojunk=False)
    changes = [change[1:] for change in matcher.get_opcodes() if change[0] != "equal"]
    inside = _lines_of(judged.text, part.function)
    changes.sort(key=lambda change: not inside.start <= change[0] + 1 <= inside.stop)
    culprit = None
    for i, j, k, m in changes[:MAX_CHANGES]:
        undone = "\n".join([*lines[:i], *own[k:m], *lines[j:]])
        if not _outcome(part, judged.with_text(undone))[0]:
            culprit = i, j, k, m
            break
    if culprit is None and line is not None:
        return PartResult(part.title, wrong, line, _code(lines[line - 1 : line]))
    if culprit is None:  # several together, or one that is not of this page's text
        near = [change for change in changes if inside.start <= change[0] + 1 <= inside.stop]
        culprit = near[0] if near else None
    if culprit is None:
        line = inside.start or None
        return PartResult(part.title, wrong, line, _code(lines[line - 1 : line]) if line else "")
    i, j, k, m = culprit
    return PartResult(part.title, wrong, i + 1, _code(lines[i:j]), _code(own[k:m]))


def _code(lines: list[str]) -> str:
    """Return the first line of code among these, without its comment."""
    codes = (line.split("  #")[0].strip() for line in lines)
    return next((code for code in codes if code), "")


def _lines_of(text: str, name: str) -> range:
    """Return the lines of a function of a script, or of what is assigned to a name; else none."""
    found = (part.numbers for part in parse_script(text) if part.name == name)
    return next(found, range(0))
