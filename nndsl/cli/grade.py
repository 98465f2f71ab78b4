"""`nndsl grade`: points for the scripts of students, with reasons."""

import json
from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nndsl.cli.arguments import Parser, add_shared
from nndsl.cli.errors import CommandError
from nndsl.cli.output import checked_spec, print_text, say
from nndsl.cli.progress import counted
from nndsl.course.grading.grader import MEMORY, TIMEOUT, Grade, Grader
from nndsl.course.grading.results import ALONE, FORMATS, FormError
from nndsl.course.grading.submissions import (
    SubmissionError,
    handed_in_by,
    overlooked,
    read_submission,
    submissions,
)
from nndsl.course.hunts.grader import HuntGrader
from nndsl.course.hunts.key import KEY, MAX_LISTED, Hunt, read_key
from nndsl.experiment.pool import cores
from nndsl.live.judging.checks import items
from nndsl.live.judging.reference import Reference

Found = tuple[str, Path | SubmissionError]  # whose it is; where it is, or why not
DESCRIPTION = """\
Give points for scripts of students: for gradients, loss, update and the rest.
Each runs in a process of its own, which does not know what is right."""
EXAMPLE = """\
  nndsl grade digits.nn handed-in --format csv > grades.csv"""


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")
    parser.add_argument(
        "work", nargs="+", metavar="WORK", help="scripts, notebooks, or folders of them"
    )
    parser.add_argument(
        "--points", metavar="FILE", help="what each result is worth, as JSON (default 1)"
    )
    parser.add_argument(
        "--hunt", metavar="FOLDER", help="the key of `nndsl hunt`: are its mistakes mended?"
    )
    add_shared(parser, "--format", choices=[*FORMATS], help=", ".join(FORMATS))
    add_shared(parser, "--seed", help="of the numbers it is called on")
    may_train = f"that each may train (default {TIMEOUT:.0f})"
    add_shared(parser, "--timeout", default=int(TIMEOUT), help=may_train)
    add_shared(parser, "--memory", default=MEMORY, help=f"that each may use (default {MEMORY:_})")
    add_shared(parser, "--workers")


def run(arguments: Namespace) -> int:
    if arguments.hunt and arguments.points:
        wrong = "--points is of an exercise: a mistake of a hunt is worth a point, and its mending"
        raise CommandError(wrong, "leave --points out")
    points = _points(arguments.points)
    try:
        found: list[Found] = [*submissions(map(Path, arguments.work))]
    except SubmissionError as error:
        if arguments.format not in ALONE:  # where nobody would read it
            raise CommandError(str(error)) from None
        found = [(Path(path).name, Path(path)) for path in arguments.work]
    if arguments.format in ALONE and len(found) != 1:
        wrong = f"--format {arguments.format} is for one script, and there are {len(found)}"
        raise CommandError(wrong)
    source, checked = checked_spec(arguments)
    if checked.minimizes:
        raise CommandError("there is no network to grade: the spec holds a formula", code=1)
    hunts = _hunts(arguments.hunt) if arguments.hunt else []
    reference = Reference(checked, with_large=bool(hunts))
    if hunts:
        points = dict.fromkeys(items(reference.expected(0)), 1.0)
    grader = Grader(
        reference,
        points=points,
        seed=arguments.seed,
        timeout=arguments.timeout,
        memory=arguments.memory,
        is_of_an_exercise=not hunts,
    )
    judge: Grader | HuntGrader = grader
    if hunts:
        by = handed_in_by(arguments.format, Path(arguments.work[0]))
        judge = HuntGrader(grader, source, dict(arguments.set), hunts, arguments.timeout, by)
    if unknown := grader.unknown_points():
        known = ", ".join(grader.known)
        raise CommandError(f"--points names `{unknown[0]}`, which is no result", f"these: {known}")
    if grader.left_out:
        say(f"training is not graded: {grader.left_out}")
    if others := overlooked(map(Path, arguments.work)):
        names = [file.name for file in others[:MAX_LISTED]]
        names += ["…"] if len(others) > MAX_LISTED else []
        say(f"not looked at, being no script: {', '.join(names)}")
    grades = [*_graded(judge, found, arguments.workers or cores())]
    try:
        print_text(FORMATS[arguments.format](grades))
    except FormError as error:
        raise CommandError(str(error)) from None
    return 0 if all(grade.points == grade.of for grade in grades) else 1


def _points(path: str | None) -> dict[str, float] | None:
    if path is None:
        return None
    try:
        held = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"cannot read {path}: {error}") from None
    if not isinstance(held, dict) or not all(
        isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        for value in held.values()
    ):
        wrong = f"{path} does not say what each result is worth"
        raise CommandError(wrong, 'such as {"gradient of W1": 2, "loss": 1}')
    return held


def _hunts(path: str) -> list[Hunt]:
    """Return the hunts of a key. CommandError where it is none."""
    file = Path(path) / KEY if Path(path).is_dir() else Path(path)
    try:
        return read_key(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"cannot read {file}: {error.strerror}") from None
    except (ValueError, TypeError, KeyError):
        raise CommandError(f"{file} is no key of `nndsl hunt`") from None


def _graded(grader: Grader | HuntGrader, found: list[Found], workers: int) -> Iterator[Grade]:
    """Yield the grade of each file, as many at a time as there are workers."""

    def graded(named: Found) -> Grade:
        name, path = named
        try:
            if isinstance(path, SubmissionError):
                raise path
            work = read_submission(path)
        except SubmissionError as error:
            return Grade.of_nothing(name, grader.items, str(error))
        try:
            return grader.grade(name, work.script).in_cells(work.cells)
        except Exception as error:  # what one script does ends nobody else's grading
            return Grade.of_nothing(
                name, grader.items, f"it cannot be graded: {type(error).__name__}: {error}"
            )

    assert grader.items  # found before several ask for it
    with ThreadPoolExecutor(workers) as pool:
        yield from counted(pool.map(graded, found), len(found))
