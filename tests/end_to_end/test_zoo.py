"""Published models, a page each: all build and train, and docs/zoo.md lists what they say.

Both styles of their scripts are compared in test_styles.py, the script and the model in
test_same_numbers.py.

The head of a page says in this order, behind a line of its own for the model:

    # source:    who published it, and where
    # published: the result there
    # here:      the result of this page, which `expect` holds
    # smaller:   what is smaller than published, with the `--set` for more; or: nothing

A value goes on in lines that are indented like it; an empty comment line ends the head.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nndsl

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "specs" / "zoo").glob("*.nn"))
LIST = ROOT / "docs" / "zoo.md"
FIELDS = ("source", "published", "here", "smaller")
START, END = "<!-- pages: `pytest tests/end_to_end/test_zoo.py --update-golden` -->", "<!-- end -->"
LENGTH = re.compile(r"(?<=\| )(\d+)(?= \|$)", re.MULTILINE)  # of a script
CHECKED = 30_000  # parameters of a network whose gradients are proved in seconds

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def head(page: Path) -> dict[str, str]:
    """Return what the head of a page says: `model` and the fields."""
    first, *rest = page.read_text("utf-8").splitlines()
    assert re.match(r"# \S.*: \S.*\.$", first), f"{page.name}: `# The model: what it is.` in line 1"
    found, name = {"model": first[2:]}, "model"
    for line in rest:
        if match := re.match(r"# (\w+): +(\S.*)$", line):
            name = match[1]
            found[name] = match[2]
        elif match := re.match(r"#   +(\S.*)$", line):
            found[name] += f" {match[1]}"
        elif line != "#" or name != "model":
            break
    assert tuple(found) == ("model", *FIELDS), f"{page.name} says {', '.join(found)}"
    return found


def table() -> str:
    """Return the list of the pages, as docs/zoo.md has it."""
    lines = ["| page | source | published | here | smaller | lines |", "|---|---|---|---|---|---|"]
    for page in PAGES:
        said = head(page)
        link = f"[{page.stem}](../specs/zoo/{page.name}): {said['model']}"
        length = len(nndsl.build(page).splitlines())
        lines.append(f"| {' | '.join([link, *(said[name] for name in FIELDS), str(length)])} |")
    return "\n".join([f"{len(PAGES)} pages:", "", *lines])


def test_the_list_is_up_to_date(pytestconfig: pytest.Config) -> None:
    before, _, rest = LIST.read_text("utf-8").partition(START)
    text = f"{before}{START}\n\n{table()}\n\n{END}{rest.partition(END)[2]}"
    if pytestconfig.getoption("--update-golden"):
        LIST.write_text(text, "utf-8", newline="\n")
    wrong = "pytest tests/end_to_end/test_zoo.py --update-golden"
    listed, found = (re.split(LENGTH, list_) for list_ in (LIST.read_text("utf-8"), text))
    assert listed[::2] == found[::2], wrong
    for before, now in zip(listed[1::2], found[1::2], strict=True):
        assert int(before) == pytest.approx(int(now), rel=0.1), wrong  # a line more is no news


@every_page
def test_nothing_is_wrong_with_it(page: Path) -> None:
    assert not nndsl.check(page)


@pytest.mark.slow
@every_page
def test_its_gradients_are_right(page: Path) -> None:
    model = nndsl.load(page)
    if sum(array.size for array in model.parameters.values()) <= CHECKED:
        assert nndsl.check_gradients(model).passed


@pytest.mark.slow
@every_page
def test_it_trains_as_it_says(page: Path, tmp_path: Path) -> None:
    assert "expect {" in page.read_text("utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "nndsl", "run", str(page)],
        cwd=tmp_path,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
