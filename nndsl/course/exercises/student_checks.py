"""What a student's tests look at: the script or the notebook that lies beside them.

This module is not imported: what follows the mark is written into `test_train.py` and
`exercise_checks.py`, behind what it uses.
"""

import contextlib
import importlib.abc
import importlib.util
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nndsl.course.exercises.notebook_code import cells_of, in_cells, script_of, without_checks
from nndsl.languages.messages import Messages
from nndsl.live.judging.assignments import Assigned, assigned
from nndsl.live.judging.checks import Checks
from nndsl.live.judging.observation import (
    BEGIN,
    Array,
    Endless,
    Observed,
    failure,
    in_double,
    observe,
    run_script,
)
from nndsl.live.judging.tracing import trace_step

# --- The script ----------------------------------------------------------------------

FOLDER = Path(__file__).parent
try:
    EXERCISE: dict[str, Any] = json.loads((FOLDER / "exercise.json").read_text(encoding="utf-8"))
    with np.load(FOLDER / "expected.npz") as file:
        EXPECTED: dict[str, Array] = dict(file)
except (OSError, ValueError, zipfile.BadZipFile) as error:
    lost = f"copy exercise.json and expected.npz of the exercise here again: {error}"
    raise ImportError(lost) from None
in_language = Messages(EXERCISE.get("messages", {})).lines
SCRIPT = str(FOLDER / EXERCISE["script"])


class _Loader(importlib.abc.InspectLoader):
    """Loads a text as a module."""

    def __init__(self, text: str) -> None:
        self.text = text

    def get_source(self, fullname: str) -> str:
        return self.text

    def get_code(self, fullname: str) -> Any:
        return self.source_to_code(self.text, SCRIPT)


def seen(text: str) -> Checks:
    """Return what is seen of a script."""
    functions: dict[str, Assigned] = {}
    observed = Observed()
    try:
        functions = assigned(text)
        names, observed = run_script(_executed, in_double(text), SCRIPT)
        observe(names, EXPECTED, SCRIPT, observed)
        if Checks(observed, EXPECTED, functions).is_told_by_a_trace:
            observed.arrays |= trace_step(names, EXPECTED, SCRIPT, functions)
    except (Exception, SystemExit, Endless) as error:
        observed.failures[BEGIN] = failure(error, SCRIPT)
    return Checks(observed, EXPECTED, functions)


def _executed(text: str) -> dict[str, Any]:
    """Return the names of a script."""
    spec = importlib.util.spec_from_loader("script", loader := _Loader(text))
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = SCRIPT
    loader.exec_module(module)
    return vars(module)


def in_words(said: str, cells: Mapping[int, str]) -> str:
    """Return what is said to a student: of a notebook, with the lines of its cells."""
    said, quoted = in_cells(said, cells) if cells else (said, [])
    return "\n".join((in_language(said), *quoted))


def text_of_file() -> str:
    """Return the script beside the tests, or the code of a notebook. OSError, ValueError."""
    text = Path(SCRIPT).read_text(encoding="utf-8-sig")
    return script_of(cells_of(text)) if SCRIPT.endswith(".ipynb") else text


def cells_of_file() -> dict[int, str]:
    """Return the cells of the notebook beside the tests; none of a script, and of what is none."""
    if not SCRIPT.endswith(".ipynb"):
        return {}
    with contextlib.suppress(OSError, ValueError):
        return cells_of(Path(SCRIPT).read_text(encoding="utf-8-sig"))
    return {}


def seen_of_file() -> Checks:
    """Return what is seen of the script beside the tests, or of a notebook's code."""
    name = Path(SCRIPT).name
    try:
        text = text_of_file()
    except (OSError, ValueError) as error:
        lacks = f"there is no {name} beside the tests"
        says = lacks if isinstance(error, FileNotFoundError) else f"{name} cannot be read: {error}"
        observed = Observed()
        observed.failures[BEGIN] = {"kind": "", "says": says, "line": None}
        return Checks(observed, EXPECTED, {})
    return seen(text)


def check(item: str, cells: list[str] | None = None) -> None:
    """Say what is wrong with a result of a notebook: its cells are run again, as a script.

    Left out, they are those of the notebook that calls this.
    """
    if cells is None:
        shell: Any = importlib.import_module("IPython").get_ipython()  # a script needs no IPython
        cells = shell.user_ns["In"]
    own = without_checks(cells)
    if wrong := seen(script_of(own)).item(item):
        raise AssertionError(in_words(wrong, own))
