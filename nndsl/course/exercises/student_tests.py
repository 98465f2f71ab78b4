"""The tests that a student runs: pytest looks at each blank, and `--hint` helps with one.

This module is not imported: what follows the mark is written into `test_train.py`, behind what
it uses, and needs pytest and numpy.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nndsl.course.exercises.student_checks import (
    EXERCISE,
    EXPECTED,
    cells_of_file,
    in_language,
    in_words,
    seen_of_file,
)
from nndsl.live.judging.checks import Checks, items

# --- The tests -----------------------------------------------------------------------


def waits(blank: dict[str, Any], wrong: str, checks: Checks) -> bool:
    """Is another blank not written yet, so that this one is not come to?"""
    for failed in checks.observed.failures.values():
        if " is not written yet" in wrong and checks.stops.get(wrong) == failed["line"]:
            name = rf"NotImplementedError: {re.escape(blank['name'])}(?!\w)"
            is_it = failed["function"] == blank["function"] and re.match(name, failed["says"])
            return not is_it
    return False


class _First:
    """Says behind all tests what to mend first: most of the others follow from it."""

    def __init__(self, checks: Checks) -> None:
        self.checks = checks

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Iterator[None]:
        yield
        several = len(terminalreporter.stats.get("failed", ())) > 1
        if several and (first := self.checks.first_wrong()):
            terminalreporter.section(in_language("mend this first"))
            terminalreporter.line(in_words(first, cells_of_file()))


@pytest.fixture(scope="module")
def checks(request: pytest.FixtureRequest) -> Checks:
    found = seen_of_file()
    request.config.pluginmanager.register(_First(found))
    return found


@pytest.fixture(scope="module")
def told() -> set[str]:
    """Return what tests said so far: why a script stops is said once."""
    return set()


def gives(blank: dict[str, Any], line: int, checks: Checks) -> bool:
    """Is a line of those that were written in a blank?"""
    known = checks.functions.get(blank["function"])
    given = known.given if known else {}
    return any(line == at for name in blank["variables"] for at, *_ in given.get(name, ()))


def fail(wrong: str, checks: Checks, told: set[str], then: str = "") -> None:
    line = checks.stops.get(wrong)
    if line and wrong in told:
        wrong, then = f"the script stops at line {line} before it comes to this", ""
    told.add(wrong)
    said = f"{wrong}\n{then}" if then else wrong
    pytest.fail(in_words(said, cells_of_file()), pytrace=False)


@pytest.mark.parametrize(
    "blank", EXERCISE["blanks"], ids=[one["called"] for one in EXERCISE["blanks"]]
)
def test_blank(blank: dict[str, Any], checks: Checks, told: set[str]) -> None:
    if wrong := checks.blank(blank["function"], blank["variables"], blank["part"]):
        then = f'a hint: python {Path(__file__).name} --hint "{blank["called"]}"'
        if wrong.endswith("which is wrong: mend that first"):
            then = ""
        elif waits(blank, wrong, checks):
            then = "write that first"
        elif " is not written yet" in wrong:  # it is this one, with its hint
            told.discard(wrong)
        elif line := checks.stops.get(wrong):  # that is said where the line was written
            if gives(blank, line, checks):
                told.discard(wrong)
            elif any(gives(one, line, checks) for one in EXERCISE["blanks"]):
                told.add(wrong)
        fail(wrong, checks, told, then)


@pytest.mark.parametrize("item", items(EXPECTED))
def test_result(item: str, checks: Checks, told: set[str]) -> None:
    if wrong := checks.item(item):
        fail(wrong, checks, told)


def is_of(blank: dict[str, Any], asked: str) -> bool:
    """Does a blank give this variable, `dx` or `Relu.backward.dx`, or is it in this function?"""
    names = [*blank["variables"], *str(blank["name"]).split(", ")]
    function = blank["function"]
    return asked == function or asked in names or asked in [f"{function}.{n}" for n in names]


def hint(asked: list[str]) -> str:
    """Return a hint: the name of a blank, and 1, 2 or 3, each of which says more.

    One of its variables is enough, or its function, where that is of no other blank.
    """
    known = {blank["called"]: blank["hints"] for blank in EXERCISE["blanks"]}
    names = [name for name in known if asked and name == asked[0]]
    names = names or [one["called"] for one in EXERCISE["blanks"] if asked and is_of(one, asked[0])]
    if len(names) != 1:
        commands = [f'python {Path(__file__).name} --hint "{name}"' for name in names or known]
        return "\n".join((in_language("type one of these:"), *commands))
    (name,) = names
    hints = known[name]
    number = int(asked[1]) if asked[1:] and asked[1].isdecimal() else 1
    if not 1 <= number <= len(hints):
        return in_language(f"{name} has the hints 1 to {len(hints)}")
    more = f'more: --hint "{name}" {number + 1}' if number < len(hints) else ""
    return "\n".join(filter(None, (hints[number - 1], in_language(more))))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--hint"]:
        print(hint(sys.argv[2:]))
    elif sys.argv[1:2] in (["-h"], ["--help"]):
        print(str(__doc__).strip())
    else:
        sys.exit(pytest.main([__file__, "-q", "--no-header", *sys.argv[1:]]))
