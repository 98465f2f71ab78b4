"""The colours that Pygments gives to pages."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.token import Token

from nndsl.assistance.lexer import NnLexer

SPECS = Path(__file__).parents[2] / "specs"


def test_the_parts_of_a_page_have_colours() -> None:
    text = (SPECS / "digits.nn").read_text(encoding="utf-8")
    found = {piece: kind for _, kind, piece in NnLexer().get_tokens_unprocessed(text)}
    assert found["let"] in Token.Keyword
    assert found["hidden"] in Token.Name
    assert found["dense"] is Token.Name.Builtin
    assert found["adam"] is Token.Name.Builtin
    assert found["init"] is Token.Name.Attribute
    assert found["100"] is Token.Literal.Number
    assert "# Three layers" in next(p for p, kind in found.items() if kind in Token.Comment)


@pytest.mark.parametrize("spec", ["own_words.nn", "search.nn", "residual.nn"])
def test_no_piece_of_a_page_is_an_error(spec: str) -> None:
    text = (SPECS / spec).read_text(encoding="utf-8")
    pieces = list(NnLexer().get_tokens_unprocessed(text))
    assert "".join(piece for _, _, piece in pieces) == text
    assert Token.Error not in [kind for _, kind, _ in pieces]


@given(st.text(alphabet='ab1. "=#{}()[],;\n\r\t𝒳', max_size=40))
def test_pieces_of_any_text_are_the_text(text: str) -> None:
    pieces = list(NnLexer().get_tokens_unprocessed(text))
    assert "".join(piece for _, _, piece in pieces) == text
    assert all(text[at : at + len(piece)] == piece for at, _, piece in pieces)


def test_an_installation_tells_pygments_of_the_lexer() -> None:
    project = tomllib.loads((SPECS.parent / "pyproject.toml").read_text(encoding="utf-8"))
    (place,) = project["project"]["entry-points"]["pygments.lexers"].values()
    module, name = place.split(":")
    assert getattr(import_module(module), name) is NnLexer
