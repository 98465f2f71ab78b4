"""Grades in the forms that people and other programs read."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict

from nndsl.columns import padded
from nndsl.course.grading import Grade
from nndsl.interchange import csv_text, json_text
from nndsl.languages import translated_check
from nndsl.languages.widths import wrap

WIDTH, INDENT = 80, "     "
ONE = "gradescope"  # the form for one script alone


def text(grades: Sequence[Grade]) -> str:
    """Return what a person reads: of one script everything, of several a line each."""
    if len(grades) == 1:
        return "\n".join(_one(grades[0])) + "\n"
    rows = [("", translated_check("points"), translated_check("seconds"), "")]
    rows += [
        (g.student, translated_check(f"{g.points:g} of {g.of:g}"), f"{g.seconds:.1f}", _reason(g))
        for g in grades
    ]
    return "".join(f"{'  '.join(cells).rstrip()}\n" for cells in padded(rows, right=(1, 2)))


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
    """Return the first thing that is wrong with a script, on a line."""
    lost = next((item for item in grade.items if item.says), None)
    if grade.refused or lost is None:
        return _printable(translated_check(grade.refused)).replace("\n", " ")
    says = (grade.first_wrong or lost.says).split("\n")[0]
    is_named = grade.first_wrong or lost.name in says
    return _printable(translated_check(says if is_named else f"{lost.name}: {says}"))


def table(grades: Sequence[Grade]) -> str:
    """Return a row for each script, and a column for each result, as CSV."""
    names = [item.name for item in grades[0].items]
    rows = (
        (g.student, g.points, g.of, *(item.points for item in g.items), _reason(g)) for g in grades
    )
    return csv_text(["student", "points", "of", *names, "why"], rows)


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


FORMATS: Mapping[str, Callable[[Sequence[Grade]], str]] = {
    "text": text,
    "csv": table,
    "json": document,
    ONE: gradescope,
}
