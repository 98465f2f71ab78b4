"""The colouring of a spec loses no character, and knows the language's tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nndsl.report.highlighting import highlight

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.nn"))


def colored(text: str) -> list[tuple[str, str]]:
    return [(kind, piece) for kind, piece in highlight(text) if kind]


def test_the_kinds() -> None:
    text = 'let a = 2.5 # why "so"\ndata = csv("x # y", header=true)\nnetwork { dense(a); relu }'
    assert colored(text) == [
        ("k", "let"),
        ("n", "2.5"),
        ("c", '# why "so"'),
        ("k", "data"),
        ("s", '"x # y"'),
        ("n", "true"),
        ("k", "network"),
        ("k", "dense"),
        ("k", "relu"),
    ]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_no_character_is_lost(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "".join(piece for _, piece in highlight(text)) == text


@given(st.text(alphabet='ab1.e"\\#\n{}()=;<>& \t“é', max_size=60))
def test_any_text_has_pieces(text: str) -> None:
    assert "".join(piece for _, piece in highlight(text)) == text


def test_json_has_colors_too() -> None:
    text = '{"model": "m", "n": 2}'
    assert colored(text) == [("s", '"model"'), ("s", '"m"'), ("s", '"n"'), ("n", "2")]
    assert "".join(piece for _, piece in highlight(text)) == text
