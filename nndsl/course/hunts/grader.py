"""Grading a bug hunt: did a student name the lines that are wrong, and mend them?"""

import difflib
import io
import re
import time
import tokenize
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import PurePath

from nndsl.course.grading.grader import Grade, Grader, Item
from nndsl.course.hunts.key import Hunt, Planted, checksum
from nndsl.live.judging.checks import items
from nndsl.live.script.judging import judge_source
from nndsl.source import Source

FOUND = "found"  # a comment that begins with it names a line
NAMES = re.compile(rf"#\s*{FOUND}\b", re.IGNORECASE)  # also behind the comment that stood there


@dataclass(frozen=True, slots=True)
class HuntGrader:
    """Grades hunts by their key. Scripts run in processes of their own, as in `Grader`."""

    grader: Grader  # of all results, without training
    source: Source
    settings: Mapping[str, str]
    hunts: Sequence[Hunt]
    timeout: float
    handed_in_by: Sequence[str] = ()  # names of who did, where a platform says it

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
            return Grade.of_nothing(student, self.items, why)
        named = _named(hunt, text)
        wrong, grade = self._wrong(hunt, student, text)
        if grade is not None and grade.refused:
            nothing = Grade.of_nothing(student, self.items, grade.refused, grade.printed)
            return replace(nothing, seconds=time.monotonic() - began)
        found = []
        for number, mistake in enumerate(hunt.mistakes, 1):
            unmended = _unmended(mistake, wrong)
            if unmended and len(hunt.mistakes) > 1:  # it may be by another one
                alone = _others_mended(hunt, text, mistake)
                unmended = _unmended(mistake, self._wrong(hunt, student, alone)[0])
            says_of = (named or _unnamed(hunt, text, mistake), unmended)
            for title, says in zip(_titles(number), says_of, strict=True):
                found.append(Item(title, 0.0 if says else 1.0, 1.0, says))
        printed = grade.printed if grade is not None else ""
        seconds = time.monotonic() - began
        return Grade(student, tuple(found), printed=printed, seconds=seconds, remark=why)

    def _hunt_of(self, student: str, text: str) -> tuple[Hunt | None, str]:
        """Return the hunt that a script belongs to, by its name and by what its head says.

        And why there is none, or what is to be said of whose it is.
        """
        name = PurePath(student).parts[0] if student else ""
        names = {one.casefold() for one in self.handed_in_by or (name, PurePath(name).stem)}
        own = [hunt for hunt in self.hunts if hunt.student.casefold() in names]
        if self.handed_in_by and not own and len(self.hunts) > 1:
            return None, f"no hunt is of {self.handed_in_by[0]}"
        head = checksum(text)
        by_head = [hunt for hunt in self.hunts if head and hunt.checksum == head]
        both = [hunt for hunt in by_head if hunt in own]  # two students may have the same script
        if own and by_head and not both:
            return None, f"it is the script of {by_head[0].student}"
        found = next(iter([*both, *by_head, *own]), None)
        if found and not own and len(self.hunts) > 1:
            stem = PurePath(name).stem
            return (
                found,
                f"nobody on the list is called {stem}: it is the script of {found.student}",
            )
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
        return f"no line has the comment `# {FOUND}`"
    if len(places) > count:
        return f"{len(places)} places are named, and there are {count} to find"
    return ""


def _unnamed(hunt: Hunt, text: str, mistake: Planted) -> str:
    """Say that a mistake is in no line that a student names. Empty: it is."""
    is_named = any({*place} & {*mistake.lines} for place in _marked(hunt, text))
    return "" if is_named else "it is in none of the lines that are named"


def _unmended(mistake: Planted, wrong: Mapping[str, str]) -> str:
    """Say what is still wrong by a mistake. Empty: nothing."""
    name = next((name for name in mistake.shows if name in wrong), None)
    if name is None:
        return ""
    return wrong[name] if wrong[name].startswith(name) else f"{name}: {wrong[name]}"


def _others_mended(hunt: Hunt, text: str, mistake: Planted) -> str:
    """Return what a student made of a script, with the other mistakes mended as the key does it.

    What was changed at the place of another one is left out, so that this one alone decides.
    """
    before, after = hunt.text.split("\n"), text.split("\n")
    own = {number - 1 for number in mistake.lines}
    edits = [
        (range(start, end), after[begin:stop])
        for start, end, begin, stop in _single_edits(before, after)
    ]
    for other in hunt.mistakes:
        theirs = {number - 1 for number in other.lines}
        if other is mistake or any(_touches(e, theirs) and _touches(e, own) for e, _ in edits):
            continue
        edits = [(lines, new) for lines, new in edits if not _touches(lines, theirs)]
        was = other.was.split("\n") if other.was else []
        edits.append((range(other.first - 1, other.last), was))
    for lines, new in sorted(edits, key=lambda edit: edit[0].start, reverse=True):
        before[lines.start : lines.stop] = new
    return "\n".join(before)


def _single_edits(before: list[str], after: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield what differs but for comments, a line at a time where as many stand there as before."""
    for kind, start, end, begin, stop in _matched(before, after):
        if kind == "equal":
            continue
        if end - start == stop - begin:
            for n in range(end - start):
                yield start + n, start + n + 1, begin + n, begin + n + 1
        else:
            yield start, end, begin, stop


def _touches(lines: range, place: Set[int]) -> bool:
    """Is a change at a place? Lines that are added touch those around them."""
    return not place.isdisjoint(lines or (lines.start - 1, lines.start))


def _matched(before: list[str], after: list[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """Return how lines differ, but for their comments and spaces."""
    codes = [*map(_code, before)], [*map(_code, after)]
    return difflib.SequenceMatcher(None, *codes, autojunk=False).get_opcodes()


def _marked(hunt: Hunt, text: str) -> Iterator[range]:
    """Yield the lines of the script that was handed out, for each place that a student names.

    Lines that were rewritten are one place where a mistake has as many; of more, a comment names
    the line that stood there alone.
    """
    before, after = hunt.text.split("\n"), text.split("\n")
    marks = {number for number, comment in _comments(text) if NAMES.search(comment)}
    longest = max((mistake.last - mistake.first + 1 for mistake in hunt.mistakes), default=1)
    for kind, start, end, begin, stop in _matched(before, after):
        named = sorted(marks & {*range(begin + 1, stop + 1)})
        if kind == "equal" or end - start > max(longest, 1):
            lines = dict.fromkeys(min(start + n - begin, end) for n in named)
            yield from (range(line, line + 1) for line in lines)
        elif named:
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
