"""An exercise: a script with blanks, tests that say what is wrong, hints, and the teacher's key."""

import ast
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from nndsl.course.exercises import notebook_code
from nndsl.course.exercises.blanks import FILLED_CELLS, Blank, Blanks, titles
from nndsl.course.exercises.key import written_key
from nndsl.course.exercises.notebook import nbgrader_notebook, notebook, otter_notebook
from nndsl.emit.script import write_script
from nndsl.languages import messages, templates, translated
from nndsl.live.execute import execute
from nndsl.live.gradients import mistakes
from nndsl.live.gradients.builds import in_float64
from nndsl.live.judging import (
    assignments,
    causes,
    checks,
    computing,
    data_flow,
    differences,
    keys,
    observation,
    reasons,
    repairs,
    tracing,
    variables,
)
from nndsl.live.judging.checks import RETURN_VALUE, Checks, items
from nndsl.live.judging.observation import (
    BEGIN,
    Array,
    Observed,
    failure,
    item_of,
    observe,
    run_script,
)
from nndsl.live.judging.reference import Reference, is_of_a_variable
from nndsl.live.run import SCRIPT

SEED = 0  # of the numbers that a student's tests use; a grader draws others
MERGED = (
    messages,
    mistakes,
    notebook_code,
    observation,
    keys,
    assignments,
    tracing,
    data_flow,
    causes,
    differences,
    computing,
    repairs,
    variables,
    reasons,
    checks,
)
SECTION = "# --- "  # behind it stands what is taken of a module
OWN = ("nndsl", "__future__")
TESTS = '''\
"""Tests of the exercise {script}. They need numpy and pytest.

    python -m pytest {tests}
        what is right, what is not, and why
    python {tests} --hint "{first}"
        a hint for a blank; 2 or 3 behind it says more
"""
'''
CHECKS = '"""Checks of the exercise, for its notebook: `check("loss")`. They need numpy."""\n'
IN_CELLS = (
    "The tests read the notebook as it was saved. `line 3 of cell 5` is a line of its fifth cell "
    "of code, which is `In [5]` once all are run from the top; Jupyter's View menu shows the "
    "numbers of lines."
)
FUTURE = "\n# ruff: noqa\nfrom __future__ import annotations\n"


@dataclass(frozen=True, slots=True)
class Exercise:
    """What is written for an exercise: texts and bytes by the names of their files."""

    blanks: tuple[Blank, ...]
    nbgrader: str  # the notebook that nbgrader makes a student's of
    otter: str  # and that of a student, for Otter
    asked: Mapping[str, float]  # the results that are not right before something is filled in
    student: Mapping[str, str | bytes]
    key: Mapping[str, str | bytes]


def write_exercise(
    reference: Reference,
    asked: Sequence[str],
    level: int,
    name: str = SCRIPT,
    *,
    as_notebook: bool = False,
) -> Exercise:
    """Return an exercise on the script of a page. BlankError, PageError."""
    solution = write_script(reference.program, name=name).text
    blanks = Blanks(reference.program, solution, asked, level)
    cells = blanks.script(name, FILLED_CELLS).text
    script = blanks.script(name).text
    chosen = tuple(sorted(blanks.chosen, key=lambda blank: blank.line))
    results = reference.expected(SEED)
    functions = {f"{RETURN_VALUE}{blank.function}" for blank in chosen}
    returned = reference.returned(results).items()
    results |= {name: array for name, array in returned if item_of(name) in functions}
    unsolved = _unsolved(script, results)
    worth = {item: 1 for item in items(results) if unsolved.item(item)}
    training = [reference.training] * bool(reference.script.parts)
    points = json.dumps(worth | dict.fromkeys(training, 1), indent=2) + "\n"
    handed_out = f"{Path(name).stem}.ipynb" if as_notebook else name
    text = notebook(cells, name) if as_notebook else script
    return Exercise(
        chosen,
        nbgrader_notebook(cells, name, chosen, worth),
        otter_notebook(cells, name, Path(name).stem),
        worth,
        {handed_out: text, **_beside(handed_out, name, chosen, results)},
        {name: solution, "key.md": written_key(handed_out, text, chosen), "points.json": points},
    )


def _beside(
    handed_out: str, name: str, chosen: Sequence[Blank], results: Mapping[str, Array]
) -> dict[str, str | bytes]:
    """Return what a student gets beside the script, which has a name: its tests, and their data."""
    functions = {blank.function for blank in chosen}
    expected = {
        name: array
        for name, array in results.items()
        if not is_of_a_variable(name) or name.split("/")[2] in functions
    }
    tests = f"test_{Path(name).stem}.py"
    names = titles(chosen)
    told = [*map(_of_student, chosen, names)]
    about: dict[str, object] = {"script": handed_out, "blanks": told}
    if said := templates("check"):
        about["messages"] = said
    return {
        tests: _tests(handed_out, tests, names[0]),
        "README.md": _task(handed_out, tests, names[0]),
        "exercise.json": json.dumps(about, indent=2, ensure_ascii=False) + "\n",
        "expected.npz": _npz(expected),
    }


def _unsolved(script: str, expected: dict[str, Array]) -> Checks:
    """Return what is right and wrong with a script in which nothing was filled in."""
    observed = Observed()
    try:
        run = partial(execute, path=SCRIPT)
        names, observed = run_script(run, in_float64(script), SCRIPT)
        observe(names, expected, SCRIPT, observed)
    except NotImplementedError as error:
        observed.failures[BEGIN] = failure(error, SCRIPT)
    return Checks(observed, expected, {})


def _of_student(blank: Blank, called: str) -> dict[str, object]:
    told = asdict(blank)
    del told["code"], told["line"]
    return {"called": called, **told}


def _tests(script: str, tests: str, first: str) -> str:
    head = translated(TESTS, script=script, tests=tests, first=first)
    return _merged(head, "student_checks.py", "student_tests.py")


def notebook_checks() -> str:
    """Return the checks that a notebook of an exercise imports."""
    return _merged(CHECKS, "student_checks.py")


def _task(script: str, tests: str, first: str) -> str:
    """Return what a student reads first: what to do, and what to hand in."""
    saved = IN_CELLS if script.endswith(".ipynb") else ""
    lines = [
        f"# {translated('An exercise in {script}', script=script)}",
        translated("Fill in what is left out: each `NotImplementedError` says what it is."),
        translated(
            "`python -m pytest {tests}` says what is right, what is not, and why; `python {tests} "
            '--hint "{first}"` gives a hint, and with 2 or 3 behind it one that says more.',
            tests=tests,
            first=first,
        ),
        translated(saved) if saved else "",
        translated(
            "You need Python with numpy and pytest, and no other package: what matplotlib would "
            "draw is left out of the tests. Hand in `{script}` alone.",
            script=script,
        ),
    ]
    return "\n\n".join(filter(None, lines)) + "\n"


def _merged(head: str, *names: str) -> str:
    """Return one module made of those that diagnose, observe and compare, and of some more."""
    paths = [Path(str(module.__file__)) for module in MERGED]
    paths += [Path(__file__).with_name(name) for name in names]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    taken = (text[text.index(SECTION) :] for text in texts)
    return "\n\n".join((f"{head}{FUTURE}\n{_imports(texts)}\n", *taken))


def _imports(texts: Iterable[str]) -> str:
    """Return what modules import of others than each other."""
    whole: set[str] = set()
    parts: dict[str, set[str]] = {}
    for node in (node for text in texts for node in ast.parse(text).body):
        match node:
            case ast.Import():
                whole.add(ast.unparse(node))
            case ast.ImportFrom(str(module), names) if module.split(".")[0] not in OWN:
                parts.setdefault(module, set()).update(alias.name for alias in names)
    named = (f"from {module} import {', '.join(sorted(names))}" for module, names in parts.items())
    return "\n".join((*sorted(whole), *sorted(named)))


def _npz(arrays: Mapping[str, object]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()
