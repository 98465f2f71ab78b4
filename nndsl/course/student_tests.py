"""The tests that a student runs: pytest looks at each blank, and `--hint` helps with one.

This module is not imported: what follows the mark is written into `test_train.py`, behind what
it uses, and needs pytest and numpy.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nndsl.course.checks import Checks, items
from nndsl.course.observation import BEGIN, Array, Observed, assigned_lines, failure, observe

# --- The tests -----------------------------------------------------------------------

FOLDER = Path(__file__).parent
EXERCISE: dict[str, Any] = json.loads((FOLDER / "exercise.json").read_text(encoding="utf-8"))
SCRIPT = str(FOLDER / EXERCISE["script"])
with np.load(FOLDER / "expected.npz") as file:
    EXPECTED: dict[str, Array] = dict(file)


@pytest.fixture(scope="module")
def checks() -> Checks:
    """What is seen of the script. Its float32 is float64 here: so rounding hides no mistake."""
    spec = importlib.util.spec_from_file_location("script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    observed = Observed()
    single = np.float32
    np.float32 = np.float64  # type: ignore[assignment]
    try:
        spec.loader.exec_module(module)
        observed = observe(vars(module), EXPECTED, SCRIPT)
    except (Exception, SystemExit) as error:
        observed.failures[BEGIN] = failure(error, SCRIPT)
    finally:
        np.float32 = single
    return Checks(observed, EXPECTED, assigned_lines(vars(module)))


@pytest.mark.parametrize("blank", EXERCISE["blanks"], ids=lambda blank: blank["name"])
def test_blank(blank: dict[str, Any], checks: Checks) -> None:
    for variable in blank["variables"]:
        if wrong := checks.value(blank["function"], variable):
            hint = f'python {Path(__file__).name} --hint "{blank["name"]}"'
            pytest.fail(f"{wrong}\na hint: {hint}", pytrace=False)


@pytest.mark.parametrize("item", items(EXPECTED))
def test_result(item: str, checks: Checks) -> None:
    if wrong := checks.item(item):
        pytest.fail(wrong, pytrace=False)


def hint(asked: list[str]) -> str:
    """Return a hint: the name of a blank, and 1, 2 or 3, each of which says more."""
    known = {blank["name"]: blank["hints"] for blank in EXERCISE["blanks"]}
    if not asked or asked[0] not in known:
        return f"hints are there for: {', '.join(known)}"
    hints = known[asked[0]]
    number = int(asked[1]) if asked[1:] and asked[1].isdecimal() else 1
    number = max(1, min(number, len(hints)))
    more = f'\nmore: --hint "{asked[0]}" {number + 1}' if number < len(hints) else ""
    return f"{hints[number - 1]}{more}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--hint"]:
        print(hint(sys.argv[2:]))
    else:
        sys.exit(pytest.main([__file__, "-q", "--no-header", *sys.argv[1:]]))
