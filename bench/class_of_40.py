"""What does a class of 40 get for each of the labs, and how long does it take to grade?

python -m bench.class_of_40                  all labs
python -m bench.class_of_40 --lab dropout    one of them

Makes the course for the class, writes 40 answers to the exercise of each lab (`answers.py`: right,
right in another way, with one mistake each, unfinished, broken, endless, cheating), grades them,
and prints what each was meant to be, beside what it got, after how many seconds, and why.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.answers import CLASS, REFUSED, RIGHT, Answer, answers
from nndsl.analysis.compile import analyse
from nndsl.cli import main
from nndsl.course.exercises.exercise import write_exercise
from nndsl.course.grading.grader import Grade, Grader
from nndsl.course.grading.submissions import read_submission
from nndsl.course.labs import Lab, labs, page
from nndsl.diagnostics import Diagnostics
from nndsl.experiment.pool import cores
from nndsl.live.judging.reference import Reference

HEAD = "| answer | points | seconds | why |\n|---|---|---|---|"
SUMMARY = """\
| lab | right, all points | right, lost points | wrong, lost points | wrong, all points | named | \
median seconds | maximum |
|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True)
class Graded:
    """An answer, and what it got."""

    answer: Answer
    got: Grade

    @property
    def has_all(self) -> bool:
        return self.got.points == self.got.of

    @property
    def is_as_meant(self) -> bool:
        """Has it all points if it is right, and only then? Has it none where it is refused?"""
        if self.answer.is_ == REFUSED:
            return self.got.points == 0 and bool(self.got.refused)
        return self.has_all == (self.answer.is_ == RIGHT)

    @property
    def is_named(self) -> bool:
        """Is it said which variable is wrong, or in which line?"""
        variable = self.answer.variable
        words = (f"{variable}:", f"{variable}()") if variable else ()
        return any(word in self.why for word in (*words, f"line {self.answer.line}"))

    @property
    def why(self) -> str:
        """Return all that was said of lost points."""
        lost = [item.says for item in self.got.items if item.says]
        return " ".join((self.got.refused or self.got.first_wrong or "; ".join(lost[:1])).split())

    @property
    def row(self) -> str:
        mark = "" if self.is_as_meant else " **(not as meant)**"
        mark += " **(not named)**" if self.answer.line and not self.is_named else ""
        lost = ", ".join(item.name for item in self.got.items if item.says)
        points = f"{self.got.points:g} of {self.got.of:g}"
        meant = f"{self.answer.is_}: {self.answer.meant} ({self.answer.line})"
        why = f"{self.why[:200]}{mark} [{lost[:120]}]"
        return f"| {meant} | {points} | {self.got.seconds:.1f} | {why} |".replace("\n", " ")


def graded(lab: Lab, folder: Path) -> Iterator[Graded]:
    """Yield the answers to a lab, and what they get."""
    reference = Reference(analyse(page(lab.pages[0]), Diagnostics()))
    made = write_exercise(reference, lab.blank.split(","), lab.level)
    points = json.loads(made.key["points.json"])
    handed_in = answers(reference, made, labs().index(lab))
    for number, answer in enumerate(handed_in):
        place = folder / lab.page / f"{number:02}"
        place.mkdir(parents=True)
        (place / answer.name).write_text(answer.text, encoding="utf-8", newline="")
    grader = Grader(reference, points=points)
    assert grader.items  # found before several ask for it

    def grade(numbered: tuple[int, Answer]) -> Graded:
        number, answer = numbered
        text = read_submission(folder / lab.page / f"{number:02}" / answer.name)
        return Graded(answer, grader.grade(answer.meant, text.script))

    with ThreadPoolExecutor(cores()) as pool:
        yield from pool.map(grade, enumerate(handed_in))


def summary(lab: Lab, found: list[Graded]) -> str:
    """Return a row of the last table."""
    right = [one.has_all for one in found if one.answer.is_ == RIGHT]
    wrong = [one.has_all for one in found if one.answer.is_ != RIGHT]
    named = [one.is_named for one in found if one.answer.line]
    seconds = [one.got.seconds for one in found]
    return (
        f"| {lab.page} | {sum(right)} | {len(right) - sum(right)} | {len(wrong) - sum(wrong)} | "
        f"{sum(wrong)} | {sum(named)} of {len(named)} | {statistics.median(seconds):.1f} | "
        f"{max(seconds):.1f} |"
    )


def run(names: list[str]) -> None:
    """Make the course, grade the answers to these labs, and print tables."""
    began = time.monotonic()
    rows = []
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if len(names) == len(labs()):
            with (folder / "class.csv").open("w", newline="") as file:
                csv.writer(file).writerows([["name"], *([f"student {n}"] for n in range(CLASS))])
            course = ["new", "--course", str(folder / "labs"), "--quiet"]
            assert main([*course, "--students", str(folder / "class.csv")]) == 0
            print(f"the course for {CLASS}: {time.monotonic() - began:.0f} s\n", flush=True)
        for lab in (lab for lab in labs() if lab.page in names):
            print(f"## {lab.page}\n\n{HEAD}", flush=True)
            found = []
            for one in graded(lab, folder / "answers"):
                found.append(one)
                print(one.row, flush=True)
            rows.append(summary(lab, found))
            print(f"\n{SUMMARY}\n{rows[-1]}\n", flush=True)
    print("\n".join([SUMMARY, *rows]))
    print(f"\n{time.monotonic() - began:.0f} s in all")


if __name__ == "__main__":
    known = [lab.page for lab in labs()]
    parser = argparse.ArgumentParser(prog="python -m bench.class_of_40", description=__doc__)
    parser.add_argument("--lab", choices=known, action="append", help="one of the labs")
    run(parser.parse_args().lab or known)
