"""The grammar has no conflicts, and its kept table is never a danger or an error."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import lark
import pytest

from nndsl.resources import read_text

CHECK = """
import sys
from nndsl.diagnostics import Findings
from nndsl.source import Source
from nndsl.syntax.parser import parse
assert parse(Source("s", "x = 1"), Findings())
assert not {"numpy", "pydantic", "jinja2", "rich", "importlib.metadata"} & set(sys.modules)
"""


def run(cache_home: Path) -> None:
    environment = os.environ | {"XDG_CACHE_HOME": str(cache_home)}
    done = subprocess.run(
        [sys.executable, "-c", CHECK], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["nn", "json"])
def test_no_conflicts(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="lark"):
        starts = ["start", "value"] if name == "nn" else ["start"]
        lark.Lark(read_text("grammar", f"{name}.lark"), parser="lalr", start=starts, debug=True)
        assert "conflict" not in caplog.text.lower()
        lark.Lark('start: start start | "a"', parser="lalr", debug=True)
    assert "conflict" in caplog.text.lower()  # so that silence above means something


def test_table_is_kept_in_a_private_folder_and_a_damaged_one_is_made_again(tmp_path: Path) -> None:
    run(tmp_path)
    folder = tmp_path / "nndsl"
    [table] = folder.iterdir()
    good = table.read_bytes()
    assert not folder.stat().st_mode & 0o077
    table.write_bytes(good[: len(good) // 2])
    run(tmp_path)
    assert table.stat().st_size > len(good) // 2


def test_a_folder_that_others_may_write_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "nndsl"
    folder.mkdir()
    folder.chmod(0o777)
    run(tmp_path)
    assert not list(folder.iterdir())


def test_a_link_in_place_of_the_folder_is_not_used(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (tmp_path / "nndsl").symlink_to(elsewhere)
    run(tmp_path)
    assert not list(elsewhere.iterdir())


def test_no_folder_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run(tmp_path / "file")
