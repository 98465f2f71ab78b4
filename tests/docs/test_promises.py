"""Every sentence of docs/promises.md names tests that show it, and they are there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "promises.md").read_text("utf-8")
TEST = re.compile(r"\[(\w+)\]\(\.\./(tests/[\w/]+\.py)\)")


def rows() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each sentence, and the tests beside it: (name, file)."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    cells = [line.strip("| ").split(" | ") for line in lines]
    return [(what, TEST.findall(by)) for what, by in cells if what != "what holds"]


def test_what_is_promised_stands_in_tables_alone() -> None:
    promised = PAGE[PAGE.index("\n## ") : PAGE.index("\n## What it does not promise")]
    for line in filter(None, promised.splitlines()):
        assert line.startswith(("## ", "|")), line


def test_every_sentence_names_its_tests() -> None:
    assert len(rows()) > 30
    for sentence, tests in rows():
        assert tests, sentence


@pytest.mark.slow
def test_every_test_that_is_named_is_collected() -> None:
    named = {(file, f"test_{name}") for _, tests in rows() for name, file in tests}
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "", "-p", "no:cov"]
    done = subprocess.run(
        [*command, *sorted({file for file, _ in named})],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^(tests/[\w/]+\.py)::(?:\w+::)?(test_\w+)", done.stdout, re.MULTILINE)
    assert named - set(found) == set()
