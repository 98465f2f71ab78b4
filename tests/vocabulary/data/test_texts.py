"""Texts and numbers of a spec as parts of a script."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nndsl.data.script_text import listed, quoted, scaled


@given(st.text(st.characters()))
def test_a_quoted_text_is_one_literal_on_one_line(text: str) -> None:
    literal = quoted(text)
    assert ast.literal_eval(literal) == text
    assert len(literal.splitlines()) == 1
    assert ast.literal_eval(listed((text,))) == (text,)


def test_quotes_are_double_where_that_reads_well() -> None:
    assert quoted("it's") == '"it\'s"'
    assert quoted("x_train") == '"x_train"'
    assert quoted('"') == "'\"'"
    assert listed(("a", "b")) == '("a", "b")'
    assert listed(()) == "()"


@pytest.mark.parametrize(
    ("scale", "written"),
    [
        (1 / 255, " / 255"),
        (1, ""),
        (0.5, " / 2"),
        (0.3, " * 0.3"),
        (2.0, " * 2.0"),
        (-1.0, " * -1.0"),
        (0.0, " * 0.0"),
        (1e-300, " * 1e-300"),
    ],
)
def test_scaling(scale: float, written: str) -> None:
    assert scaled(scale) == written
