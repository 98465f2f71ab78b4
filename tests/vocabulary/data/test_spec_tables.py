"""The tables and the text of the specs are what their makers make."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "specs" / "data"


@pytest.mark.parametrize("name", ["digit_features", "pendulum"])
def test_a_table_is_what_its_maker_makes(tmp_path: Path, name: str) -> None:
    maker = runpy.run_path(str(FOLDER / "make_tables.py"))
    maker["write"].__globals__["FOLDER"] = tmp_path
    maker["write"](f"{name}.csv", maker[name]())
    assert (tmp_path / f"{name}.csv").read_text() == (FOLDER / f"{name}.csv").read_text()


def test_the_fables_are_what_their_maker_makes() -> None:
    maker = runpy.run_path(str(FOLDER / "make_fables.py"))
    assert (FOLDER / "fables.txt").read_text("utf-8") == maker["fables"]()
