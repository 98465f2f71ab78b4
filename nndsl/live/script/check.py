"""The check of a whole script: what it does, held to what its page says, and where it differs."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nndsl.ir.parser import parse_script
from nndsl.live.execute import lines_of
from nndsl.live.model import Model
from nndsl.live.script import data, network, optimizer_step, training_loop
from nndsl.live.script.under_test import ScriptUnderTest
from nndsl.program.training_loop import MIXED

TRAINING_PASS = "training pass"
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
    check: Callable[[ScriptUnderTest], str]


PARTS = (
    _Part("the seed", "", network.seed),
    _Part("first weights", "params", network.initial_weights),
    _Part("data", "load_data", data.parts),
    _Part("prediction", "predict", network.prediction),
    _Part(TRAINING_PASS, "loss_and_gradients", network.training_pass),
    _Part("evaluation", "evaluate", network.evaluation),
    _Part("optimizer", "update", optimizer_step.update),
    _Part("mixing", MIXED, training_loop.mixing),
    _Part("training loop", "train", training_loop.epochs),
    _Part("early stopping", "train", training_loop.stopping),
    _Part("main", "main", training_loop.main),
)


def check_script(model: Model, *, full: bool = False, seed: int = 0) -> list[PartResult]:
    """Hold the text of a model to its page, part by part; the model itself is left alone.

    The text may be any that has the functions of a script. With `full` data is looked at,
    however large. ModelError where the spec has no `train`.
    """
    model.require_backward_pass()
    script = ScriptUnderTest(model, model.source, seed)
    results = []
    with np.errstate(all="ignore"):
        for part in PARTS:
            if part.check is training_loop.stopping and script.reference.train.stop is None:
                continue
            if part.check is training_loop.mixing and script.reference.train.mix is None:
                continue
            if part.check is training_loop.main and not model.script.parts:
                continue
            left_out = data.why_not(script, full=full) if part.check is data.parts else ""
            if left_out:
                results.append(PartResult(part.title, left_out=left_out))
                continue
            wrong, line = _outcome(part, script)
            results.append(_located(part, script, wrong, line) if wrong else PartResult(part.title))
    return results


def _outcome(part: _Part, script: ScriptUnderTest) -> tuple[str, int | None]:
    """Return what is wrong with a part, and the line that fails, where one does."""
    try:
        if part.function and part.function not in script.names():
            return f"the script has no `{part.function}`", None
        return part.check(script), None
    except training_loop.Endless as error:
        return "it does not end", _last_line(error, script)
    except (Exception, SystemExit) as error:  # an edited script may fail in any way
        line = _last_line(error, script)
        if line is None and script.text == script.as_built:
            raise  # the check itself fails
        if line is None:  # on what the script returned, or for a reason of its own
            part.check(script.with_text(script.as_built))
        return f"it fails: {type(error).__name__}: {error}", line


def _last_line(error: BaseException, script: ScriptUnderTest) -> int | None:
    """Return the last line of a script that an error went through."""
    return next(reversed(lines_of(error, script.path)), None)


def _located(part: _Part, script: ScriptUnderTest, wrong: str, line: int | None) -> PartResult:
    """Say where a part is wrong: in what, of all that differs from the script of its page."""
    lines, built = script.text.split("\n"), script.as_built.split("\n")
    matcher = difflib.SequenceMatcher(None, lines, built, autojunk=False)
    changes = [change[1:] for change in matcher.get_opcodes() if change[0] != "equal"]
    numbers = (d.numbers for d in parse_script(script.text) if d.name == part.function)
    inside = next(numbers, range(0))
    near = [change for change in changes if inside.start <= change[0] + 1 <= inside.stop]
    changes = [*near, *(change for change in changes if change not in near)]
    undone = (
        change
        for change in changes[:MAX_CHANGES]
        if not _outcome(part, script.with_text(_undo(change, lines, built)))[0]
    )
    culprit = next(undone, None)
    if culprit is None and line is None:  # several together, or one not of this page's text
        culprit = near[0] if near else None
        line = inside.start or None
    if culprit is None:
        return PartResult(part.title, wrong, line, _code(lines[line - 1 : line]) if line else "")
    start, end, start_built, end_built = culprit
    should = _code(built[start_built:end_built])
    return PartResult(part.title, wrong, start + 1, _code(lines[start:end]), should)


def _undo(change: tuple[int, int, int, int], lines: list[str], built: list[str]) -> str:
    start, end, start_built, end_built = change
    return "\n".join([*lines[:start], *built[start_built:end_built], *lines[end:]])


def _code(lines: list[str]) -> str:
    """Return the first line of code among these, without its comment."""
    codes = (line.split("  #")[0].strip() for line in lines)
    return next((code for code in codes if code), "")
