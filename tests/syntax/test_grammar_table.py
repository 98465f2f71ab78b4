"""The grammar has no conflicts, and the table beside it is its own."""

from __future__ import annotations

import logging
import os
import subprocess
import sys

import lark
import pytest

from nndsl.resources import read_text
from nndsl.syntax.table import STARTS, make_table


def test_no_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="lark"):
        grammar = read_text("grammar", "nn.lark")
        lark.Lark(grammar, parser="lalr", start=list(STARTS), debug=True)
        assert "conflict" not in caplog.text.lower()
        lark.Lark('start: start start | "a"', parser="lalr", debug=True)
    assert "conflict" in caplog.text.lower()  # so that silence above means something


def test_the_table_is_that_of_the_grammar() -> None:
    """If it is not: `python -m nndsl.syntax.table`."""
    assert read_text("grammar", "nn.table.json") == make_table()


@pytest.mark.slow
def test_the_table_is_the_same_for_every_seed_of_hashes() -> None:
    code = "from nndsl.syntax.table import make_table; print(make_table())"
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in map(str, range(6))
    }
    assert len(texts) == 1


@pytest.mark.slow
def test_reading_a_spec_needs_no_lark() -> None:
    code = """
import sys
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.syntax.parser import parse
assert parse(Source("s", "x = (1"), Diagnostics()).unread
assert not {"lark", "numpy", "pydantic", "jinja2", "rich"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
