"""Grades in the forms that people and other programs read."""

import os
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from nndsl.columns import padded
from nndsl.course.grading.grader import Grade
from nndsl.interchange import csv_text, json_text
from nndsl.languages import translated_check
from nndsl.languages.widths import width, wrap

WIDTH, INDENT = 80, "     "
ALONE = GRADESCOPE, CLASSROOM50 = "gradescope", "classroom50"  # forms for one script
SET_BY_CLASSROOM50 = {  # fields of its results, by the variables in which its runner has them
    "CLASSROOM": "classroom",
    "ASSIGNMENT": "assignment",
    "ASSIGNMENT_TYPE": "assignment_type",
    "OWNER": "owner",
    "SUBMISSION_TAG": "submission",
    "COMMIT_URL": "commit",
    "RELEASE_URL": "release",
    "REVIEW_URL": "review",
}


class FormError(Exception):
    """A form cannot hold a grade."""


def text(grades: Sequence[Grade]) -> str:
    """Return what a person reads: of one script everything, of several a line each."""
    if len(grades) == 1:
        return "\n".join(_one(grades[0])) + "\n"
    rows = [("", translated_check("points"), translated_check("seconds"), "")]
    rows += [
        (g.student, translated_check(f"{g.points:g} of {g.of:g}"), f"{g.seconds:.1f}", _reason(g))
        for g in grades
    ]
    return "".join(f"{'  '.join(cells).rstrip()}\n" for cells in padded(rows, (1, 2), width))


def _one(grade: Grade) -> Iterator[str]:
    yield translated_check(f"{grade.student}: {grade.points:g} of {grade.of:g} points")
    if grade.refused:
        yield from _wrapped(grade.refused)
    else:
        yield ""
        rows = [
            (f"{item.points:g}/{item.of:g}", translated_check(item.name)) for item in grade.items
        ]
        names = [*padded(rows, right=(0,))]
        for item, cells in zip(grade.items, names, strict=True):
            yield "  ".join(cells).rstrip()
            yield from _wrapped(item.says.removeprefix(f"{item.name}: "))
    if grade.remark:
        yield ""
        yield from _wrapped(grade.remark)
    if grade.first_wrong:
        yield translated_check("\nthe first variable that is wrong:")
        yield from _wrapped(grade.first_wrong)
    if grade.printed:
        yield translated_check("\nit printed:")
        yield textwrap.indent(_printable(grade.printed.rstrip()), "  ")


def _wrapped(says: str) -> Iterator[str]:
    for line in _printable(translated_check(says)).split("\n") if says else ():
        yield from (f"{INDENT}{part}" for part in wrap(line, WIDTH - len(INDENT), on_hyphens=False))


def _printable(said: str) -> str:
    """Return a text that a student may have chosen, without what a terminal would obey."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in said)


def _reason(grade: Grade) -> str:
    """Return the first thing that is wrong with a script, on a line, and whose it is."""
    lost = next((item for item in grade.items if item.says), None)
    reason = grade.refused
    if lost is not None and not reason:
        reason = (grade.first_wrong or lost.says).split("\n")[0]
        is_named = grade.first_wrong or lost.name in reason
        reason = reason if is_named else f"{lost.name}: {reason}"
    said = (translated_check(one) for one in (reason, grade.remark) if one)
    return _printable("; ".join(said)).replace("\n", " ")


def table(grades: Sequence[Grade]) -> str:
    """Return a row for each script, and a column for each result, as CSV."""
    names = [item.name for item in grades[0].items]
    rows = (
        (g.student, *map(_plain, (g.points, g.of, *(item.points for item in g.items))), _reason(g))
        for g in grades
    )
    return csv_text(["student", "points", "of", *names, "why"], rows)


def _plain(points: float) -> float:
    """Return points as a table has them: `2`, and `2.5`."""
    return int(points) if points == int(points) else points


def document(grades: Sequence[Grade]) -> str:
    """Return all that is known of each script, as JSON."""
    return json_text([{**asdict(g), "points": g.points, "of": g.of} for g in grades])


def gradescope(grades: Sequence[Grade]) -> str:
    """Return the `results.json` of Gradescope, of one script."""
    (grade,) = grades
    tests = [
        {
            "name": item.name,
            "score": item.points,
            "max_score": item.of,
            "status": "failed" if item.says else "passed",
            "number": str(number),
            "output": translated_check(item.says),
            "output_format": "text",
            "visibility": "visible",
        }
        for number, item in enumerate(grade.items, 1)
    ]
    first = f"The first variable that is wrong:\n{grade.first_wrong}" if grade.first_wrong else ""
    return json_text(
        {
            "score": grade.points,
            "execution_time": round(grade.seconds, 1),
            "output": translated_check(grade.refused or first),
            "output_format": "text",
            "visibility": "visible",
            "stdout_visibility": "hidden",
            "extra_data": {"seed": grade.seed},
            "tests": tests,
        }
    )


def classroom50(grades: Sequence[Grade]) -> str:
    """Return the `result.json` of Classroom 50, of one script, where its runner started this.

    FormError where it did not, or where points are not whole, which it knows no others of.
    """
    (grade,) = grades
    given = {"REVIEW_URL": os.environ.get("COMMIT_URL", ""), **os.environ}
    if unset := [name for name in SET_BY_CLASSROOM50 if not given.get(name)]:
        raise FormError(
            f"Classroom 50 sets {', '.join(unset)} where it grades, and nobody did here"
        )
    tests = [
        {
            "test-name": item.name,
            "passed": not item.says,
            "score": _whole(item.points, item.name),
            "max-score": _whole(item.of, item.name),
            "output": translated_check(item.says),
        }
        for item in grade.items
    ]
    return json_text(
        {
            "schema": "classroom50/result/v1",
            **{field: given[name] for name, field in SET_BY_CLASSROOM50.items()},
            "datetime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "score": _whole(grade.points, "the script"),
            "max-score": _whole(grade.of, "the script"),
            "tests": tests,
        }
    )


def _whole(points: float, what: str) -> int:
    if points != int(points):
        raise FormError(f"Classroom 50 knows whole points alone, and {what} has {points:g}")
    return int(points)


FORMATS: Mapping[str, Callable[[Sequence[Grade]], str]] = {
    "text": text,
    "csv": table,
    "json": document,
    GRADESCOPE: gradescope,
    CLASSROOM50: classroom50,
}
