"""The tests that a student runs: pytest looks at each blank, and `--hint` helps with one.

This module is not imported: what follows the mark is written into `test_train.py`, behind what
it uses, and needs pytest and numpy.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from nndsl.course.checks import Checks, items
from nndsl.course.student_checks import EXERCISE, EXPECTED, in_language, seen_of_file

# --- The tests -----------------------------------------------------------------------


def called(blank: dict[str, Any]) -> str:
    """Return the name of a blank, with its function where another one is called so, too."""
    name, function = str(blank["name"]), blank["function"]
    same = [one for one in EXERCISE["blanks"] if one["name"] == name]
    return f"{name} in {function}" if len(same) > 1 else name


def waits(blank: dict[str, Any], wrong: str, checks: Checks) -> bool:
    """Is another blank not written yet, so that this one is not come to?"""
    for failed in checks.observed.failures.values():
        if wrong.startswith(f"line {failed['line']} is not written yet"):
            name = rf"NotImplementedError: {re.escape(blank['name'])}(?!\w)"
            is_it = failed["function"] == blank["function"] and re.match(name, failed["says"])
            return not is_it
    return False


@pytest.fixture(scope="module")
def checks() -> Checks:
    return seen_of_file()


@pytest.mark.parametrize("blank", EXERCISE["blanks"], ids=called)
def test_blank(blank: dict[str, Any], checks: Checks) -> None:
    if wrong := checks.blank(blank["function"], blank["variables"], blank["part"]):
        hint = f'a hint: python {Path(__file__).name} --hint "{called(blank)}"'
        then = "write that first" if waits(blank, wrong, checks) else hint
        pytest.fail(in_language(f"{wrong}\n{then}"), pytrace=False)


@pytest.mark.parametrize("item", items(EXPECTED))
def test_result(item: str, checks: Checks) -> None:
    if wrong := checks.item(item):
        pytest.fail(in_language(wrong), pytrace=False)


def hint(asked: list[str]) -> str:
    """Return a hint: the name of a blank, and 1, 2 or 3, each of which says more."""
    known = {called(blank): blank["hints"] for blank in EXERCISE["blanks"]}
    if not asked or asked[0] not in known:
        return in_language(f"hints are there for: {', '.join(known)}")
    hints = known[asked[0]]
    number = int(asked[1]) if asked[1:] and asked[1].isdecimal() else 1
    if not 1 <= number <= len(hints):
        return in_language(f"{asked[0]} has the hints 1 to {len(hints)}")
    more = f'more: --hint "{asked[0]}" {number + 1}' if number < len(hints) else ""
    return "\n".join(filter(None, (hints[number - 1], in_language(more))))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--hint"]:
        print(hint(sys.argv[2:]))
    elif sys.argv[1:2] in (["-h"], ["--help"]):
        print(str(__doc__).strip())
    else:
        sys.exit(pytest.main([__file__, "-q", "--no-header", *sys.argv[1:]]))
