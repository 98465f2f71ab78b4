"""Bug hunts: a script for each student with mistakes that people make, and the key to them.

A script has no comment that would tell what is wrong, whether it is wrong or not, and a few
statements say the same in another order: what differs from `nndsl build` is not all wrong.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import json
import math
import re
import tempfile
import warnings
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from nndsl.analysis.metrics import best_baseline, higher_is_better
from nndsl.course.checks import Checks, items
from nndsl.course.mistakes import (
    BACKWARD,
    DATA,
    EVALUATION,
    FORWARD,
    INIT,
    LOSS,
    NUMERICS,
    UPDATING,
    Mistake,
    Statements,
    functions_of,
    harmless,
    natural_mistakes,
    planted,
    with_functions,
    without_reasons,
)
from nndsl.course.observation import Endless, limited, observe, within
from nndsl.course.reference import Reference
from nndsl.diagnostics import Diagnostics
from nndsl.emit.build import build_program
from nndsl.emit.script import write_script
from nndsl.languages import in_a_row, listed, sentence, translated, translated_check
from nndsl.live.baseline import measure_baselines
from nndsl.live.execute import execute
from nndsl.live.gradients.builds import in_float64
from nndsl.live.model import Model
from nndsl.live.script.check import check_script
from nndsl.program.block_functions import extract_blocks
from nndsl.program.sections import Section

LEVELS: Mapping[int, tuple[str, ...]] = {
    1: (BACKWARD, UPDATING),
    2: (BACKWARD, UPDATING, FORWARD, LOSS, INIT),
    3: (BACKWARD, UPDATING, FORWARD, LOSS, INIT, DATA, EVALUATION, NUMERICS),
}
TOLD, SEEN = 1, 2  # up to these levels a student is told the function, and what is to be seen
SEED = 0  # of the numbers that a mistake shows with
REWRITTEN = 4  # statements that say the same in another order
FACTOR = 1.5  # a loss that is so much larger or smaller is seen
SECONDS = 20.0  # that a training may take, so that it is said what it shows
PASSED = "_backward"  # how a function ends that is the backward pass of another
OFTEN = 4  # times as likely is a mistake in a function that has a backward pass
TRIES = 60  # mistakes that are tried for one that shows
PATH = "train.py"
KEY = "hunts.json"  # in the folder of the key
ENOUGH = 0.02  # of a metric: what is further away is seen
CRASHES = "it fails"  # what a check says of it: that is found at once
MAX_LISTED = 5  # results
STALLS = 0.2  # of the way that the right script's loss goes down
CHECKSUM = re.compile(r"\btext ([0-9a-f]{8})\)")  # in the head of a script


class HuntError(Exception):
    """No mistake of that kind can be made in the script. `help`: the way out."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class Planted:
    """A mistake in a script: where it is, what was there, and the results that are wrong by it."""

    part: str
    kind: str
    function: str
    first: int  # line; a line that is missing stood before it
    last: int  # and where it ends; before `first` where it is missing
    now: str
    was: str
    shows: tuple[str, ...]  # results of `nndsl grade` and parts of a script

    @property
    def lines(self) -> range:
        """The lines that a student may name: of a missing one, those around it."""
        is_missing = self.last < self.first
        return range(self.first - is_missing, max(self.last, self.first) + 1)


@dataclass(frozen=True, slots=True)
class Hunt:
    """The script of a student, and the key to it."""

    student: str
    seed: int
    text: str
    right: str
    mistakes: tuple[Planted, ...]
    seen: str  # what training it shows; empty: it was not trained
    reached: str = ""  # what the right script reaches; empty: it was not trained

    @property
    def checksum(self) -> str:
        """What its head says of its text: it tells whose it is."""
        return checksum(self.text)


def checksum(text: str) -> str:
    """Return what the head of a script says of its text. Empty: nothing."""
    found = CHECKSUM.search(text[:5000])
    return found[1] if found else ""


class Hunts:
    """Makes hunts of the script of a page."""

    def __init__(self, reference: Reference, parts: Sequence[str], name: str = PATH) -> None:
        """`parts` of the script may have mistakes: those of a level, say."""
        self.reference, self.parts, self.name = reference, parts, name
        self._program = extract_blocks(build_program(reference.checked, Diagnostics()))
        found: dict[str, Statements] = {}

        def look(sections: list[Section]) -> list[Section]:
            found.update(functions_of(sections))
            return sections

        write_script(self._program, name=name, rewrite=look)
        self._expected = reference.expected(SEED)
        point = within(self._expected, "point0", "value")
        functions = {key.partition("/")[0] for key in point}
        self._arrays = {function: within(point, function) for function in functions}
        self._arrays |= {
            function: within(self._expected, "update", "value", function) for function in ["update"]
        }
        touched = {(m.function, m.at) for m in self.mistakes(found)}
        self._functions = {
            function: tuple(
                without_reasons(made) if (function, at) in touched else made
                for at, made in enumerate(body)
            )
            for function, body in found.items()
        }

    def make(
        self,
        student: str,
        seed: int,
        count: int,
        *,
        rewritten: int = REWRITTEN,
        is_trained: bool = True,
    ) -> Hunt:
        """Return the hunt of a student. HuntError where there are not so many mistakes.

        `rewritten` statements say the same in another order. `is_trained`: it is said what shows.
        """
        rng = np.random.default_rng([seed, zlib.crc32(student.encode())])
        functions = self._in_another_order(rng, rewritten)
        right = self._text(functions)
        chosen: dict[Mistake, tuple[str, ...]] = {}
        for mistake in self._tried(functions, rng):
            others = [other for other in chosen if other.function == mistake.function]
            if any(
                abs(other.at - mistake.at) <= 1 or other.body or mistake.body for other in others
            ):
                continue  # they could not be told apart
            if shows := self._shows(self._text(planted(functions, [mistake])), mistake.part):
                chosen[mistake] = shows
                if len(chosen) == count:
                    break
        text = self._text(planted(functions, chosen))
        if len(chosen) < count or (count > 1 and self.wrong_results(text) is None):
            raise HuntError(
                f"{len(chosen) or 'no'} of {count} mistakes were found that the script may have",
                "allow fewer with --count, or others with --level",
            )
        mistakes = [self._planted(functions, right, text, *one) for one in chosen.items()]
        mistakes.sort(key=lambda one: one.first)
        parts = {mistake.part for mistake in mistakes}
        seen, reached = self._seen(text, parts) if is_trained else ("", "")
        return Hunt(student, seed, text, right, tuple(mistakes), seen, reached)

    def mistakes(self, functions: Mapping[str, Statements] | None = None) -> list[Mistake]:
        """Return what may be wrong in statements: left out, in those of the script."""
        return natural_mistakes(self._program, functions or self._functions, self._arrays)

    def _in_another_order(self, rng: np.random.Generator, count: int) -> Mapping[str, Statements]:
        """Return the statements of the script, some of them in another order of operands."""
        functions = dict(self._functions)
        found = [
            (function, at, other)
            for function, body in functions.items()
            for at, made in enumerate(body)
            for other in harmless(made)
        ]
        for number in rng.permutation(len(found))[:count]:
            function, at, other = found[number]
            body = functions[function]
            if body[at] == self._functions[function][at]:
                functions[function] = (*body[:at], other, *body[at + 1 :])
        return functions if self.wrong_results(self._text(functions)) == () else self._functions

    def _tried(
        self, functions: Mapping[str, Statements], rng: np.random.Generator
    ) -> Iterator[Mistake]:
        """Yield mistakes: each kind in each part of the script is as likely.

        What has a function with a backward pass of its own is what a page is about: that is likely.
        """
        own = {name for name in functions if name.endswith(PASSED) or name + PASSED in functions}
        known = [mistake for mistake in self.mistakes(functions) if mistake.part in self.parts]
        for _ in range(min(TRIES, len(known))):
            of_own = {(mistake.part, mistake.kind) for mistake in known if mistake.function in own}
            kinds = sorted({(mistake.part, mistake.kind) for mistake in known})
            kinds += sorted(of_own) * (OFTEN - 1)
            kind = kinds[rng.integers(len(kinds))]
            alike = [mistake for mistake in known if (mistake.part, mistake.kind) == kind]
            alike += [mistake for mistake in alike if mistake.function in own] * (OFTEN - 1)
            mistake = alike[rng.integers(len(alike))]
            known = [other for other in known if other is not mistake]
            yield mistake

    def _text(self, functions: Mapping[str, Statements]) -> str:
        return write_script(
            self._program,
            name=self.name,
            rewrite=lambda sections: with_functions(sections, functions),
        ).text

    # --- What it does -------------------------------------------------------------------

    def _shows(self, text: str, part: str) -> tuple[str, ...]:
        """Return the results and the parts that are wrong in a script. Empty: it is no mistake."""
        wrong = self.wrong_results(text)
        if wrong or wrong is None or part != DATA:
            return wrong or ()
        model = self.reference.model
        changed = Model(model.checked, replace(model.script, text=text))
        found = [result for result in check_script(changed) if result.wrong]
        crashes = any(result.wrong.startswith(CRASHES) for result in found)
        return () if crashes else tuple(result.part for result in found)

    def wrong_results(self, text: str) -> tuple[str, ...] | None:
        """Return the results of a script that are wrong; None: it fails."""
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
                names = execute(in_float64(text), PATH)
                seen = observe(names, self._expected, PATH)
        except Exception:  # of a script with a mistake
            return None
        checks = Checks(seen, self._expected, {})
        known = seen.arrays.keys() & self._expected.keys()
        fits = all(seen.arrays[name].shape == self._expected[name].shape for name in known)
        if seen.failures or not fits:  # a step with it would end in an error of numpy's
            return None
        return tuple(item for item in items(self._expected) if checks.item(item))

    def _seen(self, text: str, parts: Collection[str]) -> tuple[str, str]:
        """Return what a training with mistakes in parts shows, and what the right one reaches."""
        right = self._right_training
        wrong = self._training(text) if right is not None else None
        if right is None or wrong is None:
            return "", ""
        metric = next(iter(self.reference.script.metrics), "loss")
        reached = sentence(
            "the {metric} at the end is about {right}",
            metric=sentence(metric.replace("_", " ")),
            right=f"{right.result:.4f}",
        )
        return compared(right, wrong, metric, self._baseline(metric), parts), reached

    def _baseline(self, metric: str) -> float:
        """Return what the best answer without a network reaches. NaN: it is not known."""
        model = self.reference.model
        data = model.data()
        part = next((part for part in ("test", "validation") if part in data), "training")
        found = ((one.answer, one.results) for one in measure_baselines(model, data))
        best = best_baseline(found, f"{part}_{metric}")
        return best[1] if best is not None else math.nan

    @cached_property
    def _right_training(self) -> Trained | None:
        script = self.reference.script
        if not script.parts or not all(file.path.exists() for file in script.files.values()):
            return None
        return self._training(script.text)

    def _training(self, text: str) -> Trained | None:
        """Train as a script does, and return what it says; None: it takes too long."""
        losses: list[float] = []
        measured: list[tuple[float, ...]] = []
        with tempfile.TemporaryDirectory() as folder, np.errstate(all="ignore"):
            names = execute(text, str(Path(folder, PATH)))
            for file in self.reference.script.files.values():
                names[file.constant] = file.path
            train, evaluate = names["train"], names["evaluate"]

            def recorded(*parts: Any) -> Iterator[Any]:
                for epoch in train(*parts):
                    losses.append(float(epoch[1]))
                    yield epoch

            def kept(*parts: Any) -> Any:
                found = evaluate(*parts)
                measured.append(tuple(np.atleast_1d(found)))
                return found

            names |= {"train": recorded, "evaluate": kept}
            failed = ""
            try:
                with (
                    warnings.catch_warnings(action="ignore"),
                    contextlib.redirect_stdout(io.StringIO()),
                    limited(SECONDS),
                ):
                    names["main"]()
            except Endless:
                return None
            except Exception as error:  # of a script with a mistake
                failed = str(error) or type(error).__name__
        loss, *metrics = measured[-1] if measured else (math.nan,)
        return Trained(tuple(losses), float(loss), float((metrics or [loss])[0]), failed)

    def _planted(
        self,
        functions: Mapping[str, Statements],
        right: str,
        text: str,
        mistake: Mistake,
        shows: tuple[str, ...],
    ) -> Planted:
        """Return a mistake with its place in the whole script."""
        alone = _changes(right, self._text(planted(functions, [mistake])))
        wanted = {n for start, end, *_ in alone for n in range(start, max(end, start + 1))}
        there = [c for c in _changes(right, text) if {*range(c[0], max(c[1], c[0] + 1))} & wanted]
        first, last = min(c[2] for c in there), max(c[3] for c in there)
        begin, end = min(c[0] for c in there), max(c[1] for c in there)
        now, was = text.split("\n")[first:last], right.split("\n")[begin:end]
        return Planted(
            mistake.part,
            mistake.kind,
            mistake.function,
            first + 1,
            last,
            "\n".join(now),
            "\n".join(was),
            shows,
        )


@dataclass(frozen=True, slots=True)
class Trained:
    losses: tuple[float, ...]  # of the epochs
    loss: float  # of the test part, if there is one
    result: float  # and its first metric
    failed: str


def compared(
    right: Trained, wrong: Trained, metric: str, baseline: float, parts: Collection[str]
) -> str:
    """Say what a training shows that has mistakes in parts of its script.

    `baseline` is what is reached without a network: who is not better has learnt nothing.
    """
    if wrong.failed or not wrong.losses or not math.isfinite(wrong.losses[-1]):
        why = wrong.failed or sentence("the loss is not finite")
        return sentence("training stops: {why}", why=why)
    fall, should = wrong.losses[0] - wrong.losses[-1], right.losses[0] - right.losses[-1]
    sign = 1 if higher_is_better(f"test_{metric}") else -1
    allowed = ENOUGH if sign > 0 else ENOUGH * abs(right.result)
    more = sign * (wrong.result - right.result)
    name, now, should_be = sentence(metric.replace("_", " ")), *_printed(wrong.result, right.result)
    if now == should_be:
        ends = sentence("at the end the {metric} is {now}, as it should be", metric=name, now=now)
    else:
        ends = sentence(
            "at the end the {metric} is {now}, and should be {right}",
            metric=name,
            now=now,
            right=should_be,
        )
    if fall < 0 < should:
        return sentence("the loss rises; {ends}", ends=ends)
    if more > allowed / 2:
        is_measured = not {DATA, EVALUATION}.isdisjoint(parts)
        says = "too good to be true: {ends}" if is_measured else "it learns, and better: {ends}"
        return sentence(says, ends=ends)
    if fall < STALLS * should:
        return sentence("the loss stalls; {ends}", ends=ends)
    if sign * (wrong.result - baseline) <= 0 < sign * (right.result - baseline):
        return sentence("it does not learn: {ends}", ends=ends)
    if more < -allowed:
        return sentence("it learns, but less: {ends}", ends=ends)
    for before, after, title in (
        (right.losses[-1], wrong.losses[-1], "the loss of the last epoch"),
        (right.loss, wrong.loss, "the last loss"),
    ):
        now, should_be = _printed(after, before)
        if now != should_be and not before / FACTOR < after < before * FACTOR:
            return sentence(
                "{loss} is {now}, and should be {right}; {ends}",
                loss=sentence(title),
                now=now,
                right=should_be,
                ends=ends,
            )
    return sentence("training looks right: {ends}", ends=ends)


def _printed(*numbers: float) -> tuple[str, ...]:
    return tuple(f"{number:.4f}" for number in numbers)


def _changes(right: str, text: str) -> list[tuple[int, int, int, int]]:
    """Return where lines of a text differ from the right one, but for the head."""
    before, after = ([_code(line) for line in one.split("\n")] for one in (right, text))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [change[1:] for change in matcher.get_opcodes() if change[0] != "equal"]


def _code(line: str) -> str:
    return "" if CHECKSUM.search(line) else line


# --- The key ------------------------------------------------------------------------------


def key_text(hunts: Sequence[Hunt]) -> str:
    """Return the key as JSON, which `nndsl grade --hunt` reads."""
    return json.dumps([asdict(hunt) for hunt in hunts], indent=1, ensure_ascii=False) + "\n"


def read_key(text: str) -> list[Hunt]:
    """Return the hunts of a key. ValueError, TypeError, KeyError where it is none."""
    hunts = []
    for held in json.loads(text):
        mistakes = [Planted(**{**one, "shows": tuple(one["shows"])}) for one in held["mistakes"]]
        hunts.append(Hunt(**{**held, "mistakes": tuple(mistakes)}))
    return hunts


def answers(hunts: Sequence[Hunt]) -> str:
    """Return what a teacher reads: of each student what is wrong, where, and what it shows."""
    lines = [f"# {translated('Key of the hunts')}", ""]
    for hunt in hunts:
        lines += [
            f"## {hunt.student}",
            "",
            *([_said("What is seen: {seen}.", seen=hunt.seen), ""] if hunt.seen else []),
        ]
        for planted_one in hunt.mistakes:
            lines += [answer(planted_one), ""]
    return "\n".join(lines)


def short_answer(mistake: Planted) -> str:
    """Return where a mistake is, what stands there and what should, as text."""
    where = "line" if mistake.last >= mistake.first else "before line"
    says = [f"{where} {mistake.first}: {mistake.kind}"]
    for title, code in (("is", mistake.now), ("was", mistake.was)):
        says += [
            f"  {title:8}{line.partition('  #')[0].strip()}" for line in code.split("\n") if code
        ]
    return "\n".join(says) + "\n"


def answer(mistake: Planted) -> str:
    """Return where a mistake is, what stands there and what should, and what it makes wrong."""
    place = "line {line}" if mistake.last >= mistake.first else "before line {line}"
    now = "\n".join(f"- {line}" for line in mistake.now.split("\n")) if mistake.now else ""
    was = "\n".join(f"+ {line}" for line in mistake.was.split("\n")) if mistake.was else ""
    changed = "\n".join(filter(None, (now, was)))
    says = _said(
        "{place}, `{function}` ({part}): {kind}. Wrong by it: {names}.",
        place=sentence(place, line=mistake.first),
        function=mistake.function,
        part=sentence(mistake.part),
        kind=sentence(mistake.kind),
        names=_listed(mistake.shows),
    )
    return f"{says}\n\n```diff\n{changed}\n```"


def _said(template: str, **values: Any) -> str:
    return translated(sentence(template, **values))


def _listed(names: Sequence[str]) -> str:
    """Return what is wrong with commas, the first of many."""
    some = in_a_row(*map(translated_check, names[:MAX_LISTED]))
    count = len(names) - MAX_LISTED
    return sentence("{names} and {count} more", names=some, count=count) if count > 0 else some


def task(hunt: Hunt, level: int, name: str) -> str:
    """Return what a student is told."""
    count = len(hunt.mistakes)
    has = "`{path}` has a mistake." if count == 1 else "`{path}` has {count} mistakes."
    lines = [f"# {_said('A hunt in {path}', path=name)}", "", _said(has, path=name, count=count)]
    if level <= SEEN and hunt.seen:
        lines += ["", _said("What you see when you run it: {seen}.", seen=hunt.seen)]
    if level <= TOLD:
        functions = dict.fromkeys(f"`{mistake.function}`" for mistake in hunt.mistakes)
        lines += ["", _said("Look at {functions}.", functions=listed(*functions))]
    if hunt.reached:
        lines += ["", _said("Without mistakes, {reached}.", reached=hunt.reached)]
    lines += [
        "",
        translated(
            "Mend each mistake, and write `# found` behind a line that you mended. A comment on "
            "more places than there are mistakes counts for none. Hand in the script under its "
            "name."
        ),
        "",
    ]
    return "\n".join(lines)
