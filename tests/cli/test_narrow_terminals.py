"""Tables in a terminal of forty columns: what has no room stands below, still in columns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nndsl.cli import main
from nndsl.columns import folded, padded
from nndsl.languages import in_language
from nndsl.languages.widths import width

PAGE = Path(__file__).parents[2] / "specs" / "two_layer_net.nn"
ROWS = [["", "形状", "mean", "a column with a long name", "line"]]
ROWS += [[f"W{k}", f"{10**k} x 3", f"{k / 7:.3f}", "a value " * k, str(k)] for k in range(3)]


def test_columns_that_have_no_room_stand_below(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    whole = [*folded(ROWS, (2, 4), width)]
    assert whole == ["  ".join(cells).rstrip() for cells in padded(ROWS, (2, 4), width)]
    monkeypatch.setenv("COLUMNS", "40")
    narrow = [row.split("\n") for row in folded(ROWS, (2, 4), width)]
    assert {len(row) for row in narrow} == {2}
    assert max(width(line) for row in narrow for line in row) <= 40
    for row, cells in zip(narrow, ROWS, strict=True):
        assert all(cell.strip() in " ".join(row) for cell in cells)
    heads, *others = (below for _, below in narrow)
    assert {len(below) for below in others} == {len(heads)}  # numbers end where their head does


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("command", ["summary", "gradcheck", "trace"])
def test_a_table_fits(
    command: str,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    with in_language(language):
        main([command, str(PAGE), "--lang", language])
    lines = capsys.readouterr().out.splitlines()
    begin = next(at for at, line in enumerate(lines) if re.match("#  | +(shape|形状) ", line))
    end = lines.index("", begin) if "" in lines[begin:] else len(lines)
    assert end > begin + 6
    assert [line for line in lines[begin:end] if width(line) > 40] == []
