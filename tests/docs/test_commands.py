"""Every command in README.md and docs/ is executed, and prints what the page says.

A `console` block holds commands after `$ `, each followed by its output; a line `…` stands for any
lines, and of a gradient that is right its rounding error matches any other. The blocks of a page
run in order, as in one terminal, in a folder that begins with the checkout's `specs/`.
What takes half a minute and is tested elsewhere stands in a `text` block, and is not executed.
A block ```` ```nn name.nn ```` or ```` ```python name.py ```` writes that file there first.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.ja.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += sorted((ROOT / "docs" / "ja").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps(page: str) -> list[tuple[str, str, str]]:
    """Return (kind, file name or command, content or output) of what a page does, in order."""
    found = []
    for kind, name, content in BLOCK.findall(page):
        if kind == "console":
            for command in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
                line, _, output = command.partition("\n")
                found.append(("run", line, output))
        elif name:
            found.append(("write", name, content))
    return found


def without_rounding(text: str) -> str:
    """Leave out the rounding error of a right gradient, and where it is: they vary by machine."""
    text = re.sub(r"\d\.\de-1[5-9] +\([\d, ]+\) \S+ +", "rounding ", text)
    return re.sub(r"worst entry +", "worst entry ", text)


def matches(expected: str, printed: str) -> bool:
    expected, printed = without_rounding(expected), without_rounding(printed)
    parts = re.split(r"^…\n", expected.rstrip("\n") + "\n", flags=re.MULTILINE)
    pattern = "(?:.*\n)*?".join(re.escape(part).replace("…", ".*") for part in parts)
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


def run(command: str, folder: Path) -> str:
    """Run a command as a person would in a terminal of 80 columns; return all that it prints."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    terminal = folder / ".terminal"  # where the command before has gone to
    where = terminal.read_text("utf-8").rstrip("\n") if terminal.exists() else folder
    result = subprocess.run(
        ["bash", "-c", f"{command}\npwd > {shlex.quote(str(terminal))}"],
        cwd=where,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_page_does_what_it_says(path: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    for kind, what, content in steps(path.read_text(encoding="utf-8")):
        if kind == "write":
            (tmp_path / what).write_text(content, encoding="utf-8")
        else:
            printed = run(what, tmp_path)
            assert matches(content, printed), f"$ {what}\nprinted:\n{printed}"


@pytest.mark.slow
def test_the_readme_shows_the_spec_and_the_script_as_they_are(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    spec = (ROOT / "specs" / "digits.nn").read_text(encoding="utf-8")
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    script = run("nndsl build specs/digits.nn -o -", tmp_path)
    blocks = dict(re.findall(r"^```(.*)\n((?s:.*?))^```$", readme, re.MULTILINE))
    assert blocks[""].strip() in spec
    assert blocks["python"].rstrip("\n") in script


def test_a_wrong_output_is_seen() -> None:
    assert matches("a\n…\nb 1\n", "a\nx\ny\nb 1\n")
    assert matches("a … c\n", "a b c\n")
    assert matches("a\n…\n", "a\nx\ny\n")
    assert not matches("a\n…\nb 1\n", "a\nx\ny\nb 2\n")
