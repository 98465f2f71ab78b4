"""A search that is killed at any moment goes on as if nothing had been."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from searching import SPEC

COMMAND = [sys.executable, "-m", "nndsl", "search", "spiral.nn", "--workers", "2", "--trials", "16"]
SAME = ("trials.csv", "results.json", "best.nn", "next.nn", "best/results.json", "best/history.csv")
LINE = re.compile(r"trial +(\d+)/16 ")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spiral.nn").write_text(SPEC, encoding="utf-8")
    return tmp_path


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / "runs" / "spiral-search" / name).read_bytes() for name in SAME}


def run_and_kill(folder: Path, lines: int) -> list[int]:
    """Run the command, kill it when so many trials were told; return their numbers."""
    told = []
    with subprocess.Popen(COMMAND, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while len(told) < lines:
            line = process.stdout.readline()
            assert line, "the search ended before it could be killed"
            if found := LINE.match(line):
                told.append(int(found[1]))
        process.kill()
        told += [int(found[1]) for found in map(LINE.match, process.stdout) if found]
    return told


@pytest.mark.slow
def test_killed_again_and_again(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    told = []
    for lines in (1, 3, 2, 5):
        told += run_and_kill(folder, lines)
    ended = subprocess.run(COMMAND, cwd=folder, capture_output=True, text=True, check=True)
    before = re.search(r"(\d+) of 16 trials have ended before", ended.stderr)
    assert before is not None
    assert int(before[1]) >= len(told)
    told += [int(found[1]) for found in map(LINE.match, ended.stdout.splitlines()) if found]
    assert len(set(told)) == len(told), "a trial that had ended was run again"

    undisturbed = tmp_path_factory.mktemp("undisturbed")
    (undisturbed / "spiral.nn").write_text(SPEC, encoding="utf-8")
    subprocess.run(COMMAND, cwd=undisturbed, capture_output=True, check=True)
    assert results(folder) == results(undisturbed)


@pytest.mark.slow
def test_killed_while_it_trains_with_the_best_values(folder: Path) -> None:
    run_and_kill(folder, 16)
    ended = subprocess.run(COMMAND, cwd=folder, capture_output=True, text=True, check=True)
    assert "16 of 16 trials have ended before" in ended.stderr
    first = results(folder)
    assert json.loads(first["results.json"])["trials"] == 16
    again = subprocess.run(COMMAND, cwd=folder, capture_output=True, text=True, check=True)
    assert not [line for line in again.stdout.splitlines() if LINE.match(line)]
    assert results(folder) == first
