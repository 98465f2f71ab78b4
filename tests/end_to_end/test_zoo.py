"""Published models, a page each: all build and train, and docs/zoo.md lists what they say.

Both styles of their scripts are compared in test_styles.py.

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
from collections.abc import Callable
from pathlib import Path

import pytest

import nndsl

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "specs" / "zoo").glob("*.nn"))
LIST = ROOT / "docs" / "zoo.md"
FIELDS = ("source", "published", "here", "smaller")
START, END = "<!-- pages: `pytest tests/end_to_end/test_zoo.py --update-golden` -->", "<!-- end -->"
LENGTH = re.compile(r"(?<=\| )(\d+)(?= \|$)", re.MULTILINE)  # of a script
UPDATE = "pytest tests/end_to_end/test_zoo.py --update-golden"
CHECKED = 30_000  # parameters of a network whose gradients are proved in seconds
# Of these the proof took more than 10 s of processor time; the layers are proved one by one.
LONG_PROOFS = "d2l_densenet d2l_googlenet keras_unet".split()

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


def document(length: Callable[[Path], int]) -> str:
    """Return docs/zoo.md with its list of the pages; `length` is that of a page's script."""
    lines = ["| page | source | published | here | smaller | lines |", "|---|---|---|---|---|---|"]
    for page in PAGES:
        said = head(page)
        link = f"[{page.stem}](../specs/zoo/{page.name}): {said['model']}"
        lines.append(
            f"| {' | '.join([link, *(said[name] for name in FIELDS), str(length(page))])} |"
        )
    table = "\n".join([f"{len(PAGES)} pages:", "", *lines])
    before, _, rest = LIST.read_text("utf-8").partition(START)
    return f"{before}{START}\n\n{table}\n\n{END}{rest.partition(END)[2]}"


def length_of_script(page: Path) -> int:
    return len(nndsl.build(page).splitlines())


def test_the_list_says_what_the_pages_say(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update-golden"):
        LIST.write_text(document(length_of_script), "utf-8", newline="\n")
    texts = LIST.read_text("utf-8"), document(lambda page: 0)
    listed, found = (re.sub(LENGTH, "", text) for text in texts)
    assert listed == found, UPDATE


@pytest.mark.slow
def test_the_list_says_how_long_the_scripts_are() -> None:
    lengths = re.findall(LENGTH, LIST.read_text("utf-8"))
    for page, length in zip(PAGES, lengths, strict=True):  # a line more is no news
        assert int(length) == pytest.approx(length_of_script(page), rel=0.1), UPDATE


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_nothing_is_wrong_with_it(page: Path) -> None:
    assert not nndsl.check(page)


@pytest.mark.slow
@every_page
def test_its_gradients_are_right(page: Path) -> None:
    model = nndsl.load(page)
    if (
        page.stem not in LONG_PROOFS
        and sum(array.size for array in model.parameters.values()) <= CHECKED
    ):
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
