"""What a student's tests look at: the script or the notebook that lies beside them.

This module is not imported: what follows the mark is written into `test_train.py` and
`exercise_checks.py`, behind what it uses.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np

from nndsl.course.checks import Checks
from nndsl.course.observation import (
    BEGIN,
    Array,
    Observed,
    assigned_lines,
    failure,
    in_double,
    is_check,
    notebook_code,
    observe,
    used_variables,
    without_magic,
)

# --- The script ----------------------------------------------------------------------

FOLDER = Path(__file__).parent
EXERCISE: dict[str, Any] = json.loads((FOLDER / "exercise.json").read_text(encoding="utf-8"))
SCRIPT = str(FOLDER / EXERCISE["script"])
with np.load(FOLDER / "expected.npz") as file:
    EXPECTED: dict[str, Array] = dict(file)


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
    spec = importlib.util.spec_from_loader("script", loader := _Loader(in_double(text)))
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = SCRIPT
    observed = Observed()
    try:
        loader.exec_module(module)
        observed = observe(vars(module), EXPECTED, SCRIPT)
    except (Exception, SystemExit) as error:
        observed.failures[BEGIN] = failure(error, SCRIPT)
    names = vars(module)
    return Checks(observed, EXPECTED, assigned_lines(names), used_variables(names))


def script_text() -> str:
    """Return the script, or of a notebook its code."""
    text = Path(SCRIPT).read_text(encoding="utf-8")
    return notebook_code(text) if SCRIPT.endswith(".ipynb") else text


def check(item: str, cells: list[str] | None = None) -> None:
    """Say what is wrong with a result of a notebook: its cells are run again, as a script.

    Left out, they are those of the notebook that calls this.
    """
    if cells is None:
        shell: Any = importlib.import_module("IPython").get_ipython()  # a script needs no IPython
        cells = shell.user_ns["In"]
    text = "\n\n".join(without_magic(cell) for cell in cells if not is_check(cell))
    if wrong := seen(text).item(item):
        raise AssertionError(wrong)
