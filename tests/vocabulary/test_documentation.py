"""Every word says what it is: in its docstring, for each field, and where it comes from."""

from __future__ import annotations

import re

import pytest
from execution import all_variants, name_case, words

from nndsl.ir import parse_text
from nndsl.vocabulary import catalogue
from nndsl.vocabulary.word import Word

WORDS = [word for role in catalogue.roles() for word in words(role)]
MAIN_TEXT = {
    "layers": "forward",
    "losses": "forward",
    "optimizers": "update",
    "regularizers": "forward",
    "initializers": "draw",
    "schedules": "value",
    "clips": "apply",
    "gradients": "estimate",
    "stops": "watch",
}
MEANT = [
    (word, getattr(word, text, ""))
    for role, text in MAIN_TEXT.items()
    for word in all_variants(role)
    if isinstance(getattr(word, text, ""), str)
]


def name(word: type[Word]) -> str:
    return f"{word.role}/{word.word()}"


@pytest.mark.parametrize("word", WORDS, ids=name)
def test_a_word_is_found_by_its_own_name(word: type[Word]) -> None:
    assert catalogue.find(word.role, word.word()) is word


@pytest.mark.parametrize("word", WORDS, ids=name)
def test_a_word_is_documented(word: type[Word]) -> None:
    documentation = vars(word).get("__doc__") or ""
    first = documentation.partition("\n")[0]
    assert first
    assert documentation.rstrip().endswith((".", ")"))
    undescribed = [field for field, info in word.model_fields.items() if not info.description]
    assert not undescribed


@pytest.mark.parametrize("word", WORDS, ids=name)
def test_arguments_by_position_are_fields(word: type[Word]) -> None:
    assert word.positional <= len(word.model_fields) or word.variadic
    assert word.variadic is None or word.variadic in word.model_fields


@pytest.mark.parametrize(
    ("word", "text"), MEANT, ids=lambda part: name_case(part)[:60] if isinstance(part, Word) else ""
)
def test_mathematics_of_several_lines_names_its_source(word: Word, text: str) -> None:
    if len(parse_text(text)) > 1:
        assert re.search(r"\b(1[789]|20)\d\d\b", type(word).__doc__ or "")


def test_no_field_is_called_like_the_key_of_the_json_form() -> None:
    for role in catalogue.roles():
        for name in catalogue.names(role):
            word = catalogue.find(role, name)
            assert word is not None
            assert "kind" not in word.model_fields, name
