"""Grading: what a script gives is held to what the script of the page gives, for points."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from nndsl.course.exercises.notebook_code import in_cells
from nndsl.course.grading.own_forward import OwnForward
from nndsl.course.grading.runner import Answer, Runner
from nndsl.course.grading.training import Training
from nndsl.live.judging.assignments import assigned
from nndsl.live.judging.checks import RETURN_VALUE, Checks, items, said_of
from nndsl.live.judging.observation import (
    BEGIN,
    ESTIMATED,
    STEP,
    Endless,
    Observed,
)
from nndsl.live.judging.reference import Reference
from nndsl.live.judging.tracing import ON_THE_WAY, POINT

TIMEOUT, MEMORY = 60.0, 2_000  # seconds, MB
LOSS = "loss"  # a result
LEARNT_BY = ("gradient of ", "update")  # results: with a wrong one a training proves nothing


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is worth points. `says`: why it got none."""

    name: str
    points: float
    of: float
    says: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """What a script got, and why. `refused`: why it got nothing at all; `remark`: whose it is."""

    student: str
    items: tuple[Item, ...]
    refused: str = ""
    first_wrong: str = ""  # of the variables on the way
    printed: str = ""  # by the script: not to be trusted
    seconds: float = 0.0
    seed: int = 0
    remark: str = ""

    @classmethod
    def of_nothing(
        cls, student: str, items: Mapping[str, float], why: str, printed: str = ""
    ) -> Grade:
        """Return the grade of what is refused; `items` have the points that are lost."""
        lost = tuple(Item(name, 0.0, points, why) for name, points in items.items())
        return cls(student, lost, why, printed=printed)

    def in_cells(self, cells: Mapping[int, str]) -> Grade:
        """Return it with the lines of a notebook counted in its cells, and quoted."""

        def placed(says: str) -> str:
            said, quoted = in_cells(says, cells)
            return "\n".join((said, *quoted)) if not self.refused else said

        items = tuple(replace(item, says=placed(item.says)) for item in self.items)
        refused, first = placed(self.refused), placed(self.first_wrong)
        return replace(self, items=items, refused=refused, first_wrong=first) if cells else self

    @property
    def points(self) -> float:
        return sum(item.points for item in self.items)

    @property
    def of(self) -> float:
        return sum(item.of for item in self.items)


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
        self.reference, self.memory = reference, memory
        self._points, self._timeout = points, timeout
        self.seed = secrets.randbelow(2**31) if seed is None else seed
        self.expected = reference.expected(self.seed)
        self._runner = Runner(reference.script, self.expected, memory)
        self._training = Training(reference, self._runner, timeout)
        is_by_chain = not any(name.endswith(f"/{ESTIMATED}") for name in self.expected)
        self._may_follow = is_of_an_exercise and is_by_chain

    @cached_property
    def items(self) -> dict[str, float]:
        """What is looked at, and the points that it is worth."""
        names = [*items(self.expected), *self._returned, *([self._result] if self._result else [])]
        if self._points is None:
            return dict.fromkeys(names, 1.0)
        return {name: self._points[name] for name in names if self._points.get(name)}

    @property
    def _is_trained(self) -> bool:
        """Is training worth points?"""
        return self._points is None or bool(self._points.get(self.reference.training))

    @property
    def left_out(self) -> str:
        """Why training is not graded; empty: it is."""
        return self._training.left_out if self._is_trained else ""

    @property
    def _result(self) -> str:
        """What is looked at after training: `accuracy after training`; empty: nothing is."""
        return self.reference.training if self._is_trained and not self.left_out else ""

    @property
    def known(self) -> list[str]:
        """What points can be given to."""
        return [*items(self.expected), *self._returned, self.reference.training]

    @cached_property
    def _returned(self) -> list[str]:
        """What functions of a script return, in any style, which an exercise has points for."""
        asked = (name for name in self._points or () if name.startswith(RETURN_VALUE))
        return [n for n in asked if self.reference.knows(n.removeprefix(RETURN_VALUE))]

    def unknown_points(self) -> list[str]:
        """Return names that points were given to, and nothing is called so."""
        return [name for name in self._points or () if name not in self.known]

    def grade(self, student: str, text: str) -> Grade:
        """Return the grade of a script."""
        began = time.monotonic()
        grade = self._grade(student, text)
        return replace(grade, seconds=time.monotonic() - began, seed=self.seed)

    def _grade(self, student: str, text: str) -> Grade:
        if not text.strip():
            return self._refused(student, "there is no `params`: the file is empty")
        try:
            answer = self._runner.call(text)
        except (RecursionError, MemoryError):  # the second is how Python's parser says it, too
            return self._refused(student, "it cannot be read: it is nested too deeply")
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            where = f" (line {line})" if line else ""
            says = getattr(error, "msg", error)
            return self._refused(student, f"it is no Python: {says}{where}")
        functions = assigned(text)
        checks = Checks(answer.observed, self.expected, functions)
        if self._returned or not checks.is_right:
            expected = self.reference.held_to(functions, self.expected, self._returned)
            checks = Checks(answer.observed, expected, functions)
        untrained = self._why_untrained(answer, checks) if self._result else ""
        trained = Answer(Observed())
        if self._result and not untrained:
            trained = self._runner.train(text, self._timeout)
        if why := _refusal(answer, trained):
            return self._refused(student, why, answer.printed)
        follow = self._follow(checks)
        own = [name for name in self.items if name != self._result]
        said = {name: checks.item(name) if name not in follow else "" for name in own}
        unknown = (name for name in self._returned if name not in items(checks.expected))
        for name in unknown if not checks.is_right else ():  # it is in another style
            said[name] = f"the script has no `{name.removeprefix(RETURN_VALUE)}`"
        is_wrong = any(said.values())
        if self._result:
            said[self._result] = untrained or self._training.wrong(trained)
        found = [Item(n, 0.0 if said[n] else of, of, said[n]) for n, of in self.items.items()]
        first = self._first_wrong(text, checks) if is_wrong else ""
        return Grade(student, tuple(found), "", first, answer.printed)

    def _refused(self, student: str, why: str, printed: str = "") -> Grade:
        return Grade.of_nothing(student, self.items, why, printed)

    def _why_untrained(self, answer: Answer, checks: Checks) -> str:
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

    def _follow(self, checks: Checks) -> list[str]:
        """Return the gradients that follow rightly from a forward pass that is wrong."""
        like = self.reference.like(checks.functions)
        if not self._may_follow or LOSS not in self.items:
            return []
        gradients = [name for name in self.items if name.startswith("gradient of ")]
        wrong = [name for name in gradients if checks.item(name)]
        if not wrong or not checks.item(LOSS):
            return []
        return OwnForward(like, checks.expected).right(wrong, checks.observed)

    def _first_wrong(self, text: str, checks: Checks) -> str:
        """Say which variable is the first that is wrong: of a loop, in which of its passes."""
        if checks.is_told_by_a_trace:
            again = self._runner.trace(text)
            observed = checks.observed
            if not (again.ended or again.violations):
                starts = tuple(f"{POINT}/{state}/" for state in ON_THE_WAY)  # and no result
                kept = again.observed.arrays.items()
                observed.arrays |= {name: array for name, array in kept if name.startswith(starts)}
            checks = Checks(observed, checks.expected, checks.functions)
        return checks.first_wrong()


def _refusal(answer: Answer, trained: Answer) -> str:
    """Say why a script gets nothing at all, by what it did where it was called and trained."""
    failures = (*answer.observed.failures.values(), *trained.observed.failures.values())
    ends = next((failed for failed in failures if failed["kind"] == "SystemExit"), None)
    if ends is not None:
        return f"it ends the program (line {ends['line']})"
    return next(iter((*answer.violations, *trained.violations)), answer.ended)
