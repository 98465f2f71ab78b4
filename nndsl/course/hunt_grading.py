"""Grading a bug hunt: did a student name the lines that are wrong, and mend them?"""

from __future__ import annotations

import difflib
import io
import time
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from nndsl.course.checks import items
from nndsl.course.grading import Grade, Grader, Item
from nndsl.course.hunts import Hunt, Planted, checksum
from nndsl.live.script.judging import judge_source
from nndsl.source import Source

MARK = "found"  # a comment with it names a line


@dataclass(frozen=True, slots=True)
class HuntGrader:
    """Grades hunts by their key. Scripts run in processes of their own, as in `Grader`."""

    grader: Grader  # of all results, without training
    source: Source
    settings: Mapping[str, str]
    hunts: Sequence[Hunt]
    timeout: float

    @property
    def items(self) -> dict[str, float]:
        """What is looked at, and the points that it is worth."""
        count = max((len(hunt.mistakes) for hunt in self.hunts), default=0)
        return {title: 1.0 for number in range(1, count + 1) for title in _titles(number)}

    def grade(self, student: str, text: str) -> Grade:
        """Return the grade of a script that was handed in."""
        began = time.monotonic()
        hunt, why = self._hunt_of(student, text)
        if hunt is None:
            return self.unread(student, why)
        named = _named(hunt, text)
        wrong, grade = self._wrong(hunt, student, text)
        if grade is not None and grade.refused:
            return self._refused(student, grade.refused, grade.printed, began)
        found = []
        for number, mistake in enumerate(hunt.mistakes, 1):
            for title, says in zip(
                _titles(number),
                (named or _unnamed(hunt, text, mistake), _unmended(hunt, text, mistake, wrong)),
                strict=True,
            ):
                found.append(Item(title, 0.0 if says else 1.0, 1.0, says))
        printed = grade.printed if grade is not None else ""
        return Grade(student, tuple(found), printed=printed, seconds=time.monotonic() - began)

    def unread(self, student: str, why: str) -> Grade:
        """Return the grade of what is no script of a hunt."""
        return self._refused(student, why, "", time.monotonic())

    def _refused(self, student: str, why: str, printed: str, began: float) -> Grade:
        lost = tuple(Item(name, 0.0, points, why) for name, points in self.items.items())
        seconds = time.monotonic() - began
        return Grade(student, lost, why, printed=printed, seconds=seconds)

    def _hunt_of(self, student: str, text: str) -> tuple[Hunt | None, str]:
        """Return the hunt that a script belongs to, by its name and by what its head says."""
        name = PurePath(student).parts[0] if student else ""
        stem = PurePath(name).stem
        by_name = next((hunt for hunt in self.hunts if hunt.student in (name, stem)), None)
        head = checksum(text)
        by_head = next((hunt for hunt in self.hunts if head and hunt.checksum == head), None)
        if by_name and by_head and by_name is not by_head:
            return None, f"it is the script of {by_head.student}"
        found = by_head or by_name
        return found, "" if found else "it is no script of this hunt: its head tells which one"

    def _wrong(self, hunt: Hunt, student: str, text: str) -> tuple[dict[str, str], Grade | None]:
        """Return what is wrong with a script, by result and part."""
        if _codes(text) == _codes(hunt.right):
            return {}, None
        grade = self.grader.grade(student, text)
        wrong = {item.name: item.says for item in grade.items if item.says}
        shows = {name for mistake in hunt.mistakes for name in mistake.shows}
        if not grade.refused and shows - {*items(self.grader.expected)}:
            report = judge_source(
                self.grader.reference.checked,
                self.source,
                self.settings,
                Source(f"{hunt.student}.py", text),
                timeout=self.timeout,
                memory=self.grader.memory,
                parts_alone=True,
            )
            passed = {part.name for part in report.properties if part.passed}
            failed = [part for part in report.properties if not part.passed]
            says = {part.name: part.detail for part in failed}
            for name in shows - {*items(self.grader.expected)} - passed:
                wrong[name] = says.get(name) or next(iter(says.values()), "it cannot be judged")
        return wrong, grade


def _titles(number: int) -> tuple[str, str]:
    return f"mistake {number}: named", f"mistake {number}: mended"


def _named(hunt: Hunt, text: str) -> str:
    """Say why no line is taken as named. Empty: they can be looked at."""
    places, count = [*_marked(hunt, text)], len(hunt.mistakes)
    if not places:
        return f"no line has the comment `# {MARK}`"
    if len(places) > count:
        return f"{len(places)} places are named, and there are {count} to find"
    return ""


def _unnamed(hunt: Hunt, text: str, mistake: Planted) -> str:
    """Say that a mistake is in no line that a student names. Empty: it is."""
    is_named = any({*place} & {*mistake.lines} for place in _marked(hunt, text))
    return "" if is_named else "it is in none of the lines that are named"


def _unmended(hunt: Hunt, text: str, mistake: Planted, wrong: Mapping[str, str]) -> str:
    """Say what is still wrong by a mistake. Empty: nothing, or what another one makes wrong."""
    lost = [name for name in mistake.shows if name in wrong]
    if not lost or (
        not _stands(text, mistake) and {*lost} <= _shown_by_others(hunt, text, mistake)
    ):
        return ""  # as far as can be told while others are there
    says = wrong[lost[0]]
    return says if says.startswith(lost[0]) else f"{lost[0]}: {says}"


def _stands(text: str, mistake: Planted) -> bool:
    """Is a mistake still there, as it was handed out?"""
    now, was = _codes(mistake.now), _codes(mistake.was)
    return _holds(_codes(text), now) if now else not _holds(_codes(text), was)


def _shown_by_others(hunt: Hunt, text: str, mistake: Planted) -> set[str]:
    """Return the results that are wrong by other mistakes, which are still there."""
    others = (other for other in hunt.mistakes if other is not mistake and _stands(text, other))
    return {name for other in others for name in other.shows}


def _holds(lines: Sequence[str], wanted: Sequence[str]) -> bool:
    """Do lines stand there, one behind the other?"""
    count = len(wanted)
    starts = range(len(lines) - count + 1)
    return bool(wanted) and any([*lines[at : at + count]] == [*wanted] for at in starts)


def _marked(hunt: Hunt, text: str) -> Iterator[range]:
    """Yield the lines of the script that was handed out, for each place that a student names."""
    before, after = hunt.text.split("\n"), text.split("\n")
    marks = {number for number, comment in _comments(text) if MARK in comment.lower()}
    matcher = difflib.SequenceMatcher(
        None, [*map(_code, before)], [*map(_code, after)], autojunk=False
    )
    for kind, start, end, begin, stop in matcher.get_opcodes():
        named = sorted(marks & {*range(begin + 1, stop + 1)})
        if not named:
            continue
        if kind == "equal":
            yield from (range(start + n - begin, start + n - begin + 1) for n in named)
        else:
            yield range(start + (start < end), max(end, start + 1) + 1)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield the comments of a script with the numbers of their lines."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _code(line: str) -> str:
    """Return a line without its comment and its spaces: strings with a `#` are no matter here."""
    return "".join(line.partition("#")[0].split())


def _codes(text: str) -> list[str]:
    """Return the lines of code of a script, but for what its head says of its text."""
    lines = (line for line in text.split("\n") if not checksum(line))
    return [code for code in map(_code, lines) if code]
