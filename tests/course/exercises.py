"""Exercises for the tests, and students who solve them."""

from __future__ import annotations

import re
from pathlib import Path

from nndsl.analysis.compile import analyse
from nndsl.course.exercises.exercise import Exercise, write_exercise
from nndsl.course.hunts.key import Hunt
from nndsl.diagnostics import Diagnostics
from nndsl.live.judging.checks import Checks
from nndsl.live.judging.reference import Reference
from nndsl.source import Source, source_of

PATH = "student.py"
SPECS = Path(__file__).parents[2] / "specs"
SMALL = """\
data = spiral(classes=3, samples=20)

network {
  dense(6)
  relu
  dense(3)
}

train {
  loss       = softmax_cross_entropy
  optimizer  = momentum(lr=0.1)
  regularize = l2(0.01)
  batch      = 10
  epochs     = 3
}
"""
WEIGHTED = """\
data = csv("people.csv", target="y", weights="w")

network { dense(1) }

train {
  loss      = mean_squared_error
  optimizer = sgd(lr=0.1)
  batch     = 10
  epochs    = 2
}
"""
IMAGES = """\
data = digits(test=0.2)

network {
  reshape(1, 8, 8)
  conv2d(4, kernel=3)
  batch_norm
  relu
  max_pool(2)
  flatten
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = sgd(lr=0.1)
  batch     = 50
  epochs    = 3
}
"""
NORMALISED = SMALL.replace("  relu\n", "  batch_norm\n  relu\n  dropout(0.2)\n", 1)


def reference(text: str = SMALL, name: str = "small.nn") -> Reference:
    return Reference(analyse(Source(name, text), Diagnostics()))


def reference_of(spec: str) -> Reference:
    return Reference(analyse(source_of(SPECS / spec), Diagnostics()))


def exercise(of: Reference, *blanks: str, level: int = 2) -> Exercise:
    return write_exercise(of, blanks, level)


def solved(made: Exercise, **answers: str) -> str:
    """Return the student's script with the code of the key, but for answers by name of the blank.

    The answer `""` leaves a blank as it is.
    """
    text = made.student["train.py"]
    assert isinstance(text, str)
    solution = iter(made.blanks)
    lines = []
    for line in text.split("\n"):
        match = re.match(r'( *)raise NotImplementedError\("', line)
        if match is None:
            lines.append(line)
            continue
        blank = next(solution)
        code = answers.get(blank.name, blank.code)
        lines += [match[1] + one for one in code.split("\n")] if code else [line]
    return "\n".join(lines)


def checked(text: str, of: Reference, seed: int = 1) -> Checks:
    """Return what is seen of a student's script, beside what the page's script does."""
    return of.checks(text, seed)


def line_of(text: str, code: str) -> int:
    """Return the line of a script in which a piece of code stands, which is in one line alone."""
    (line,) = (number for number, one in enumerate(text.split("\n"), 1) if code in one)
    return line


def mended(hunt: Hunt, *numbers: int, mark: str = "  # found") -> str:
    """Return what a student hands in who mends some of the mistakes."""
    lines = hunt.text.split("\n")
    for mistake in sorted((hunt.mistakes[n] for n in numbers), key=lambda one: -one.first):
        was = [f"{line.partition('  #')[0]}{mark}" for line in mistake.was.split("\n") if line]
        lines[mistake.first - 1 : mistake.last] = was
    return "\n".join(lines)
