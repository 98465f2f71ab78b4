"""Every word says what it is: in its docstring, for each field, and where it comes from."""

from __future__ import annotations

import re

from execution import all_variants, words

from nndsl.ir import parse_text
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin

WORDS = [word for role in registry.kinds() for word in words(role)]
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
    "averages": "judge",
    "mixtures": "draw",
}
MEANT = [
    (word, getattr(word, text, ""))
    for role, text in MAIN_TEXT.items()
    for word in all_variants(role)
    if isinstance(getattr(word, text, ""), str)
]


def name(word: type[Builtin]) -> str:
    return f"{word.kind}/{word.keyword()}"


def test_a_word_is_found_by_its_own_name() -> None:
    assert [
        name(word) for word in WORDS if registry.find(word.kind, word.keyword()) is not word
    ] == []


def test_a_word_is_documented() -> None:
    texts = {name(word): vars(word).get("__doc__") or "" for word in WORDS}
    assert [word for word, text in texts.items() if not text.partition("\n")[0]] == []
    assert [word for word, text in texts.items() if not text.rstrip().endswith((".", ")"))] == []


def test_an_argument_is_described() -> None:
    fields = ((word, *field) for word in WORDS for field in word.model_fields.items())
    assert [f"{name(word)}: {field}" for word, field, info in fields if not info.description] == []


def test_arguments_by_position_are_fields() -> None:
    for word in WORDS:
        most = max(1, len(word.model_fields))  # the first, where there is one
        assert word.positional <= most or word.variadic, name(word)
        assert word.variadic is None or word.variadic in word.model_fields, name(word)


def test_mathematics_of_several_lines_names_its_source() -> None:
    long = {type(word) for word, text in MEANT if len(parse_text(text)) > 1}
    year = re.compile(r"\b(1[789]|20)\d\d\b")
    assert len(long) > 20
    assert sorted(name(word) for word in long if not year.search(word.__doc__ or "")) == []


def test_no_field_is_called_like_the_key_of_the_json_form() -> None:
    for role in registry.kinds():
        for name in registry.names(role):
            word = registry.find(role, name)
            assert word is not None
            assert "kind" not in word.model_fields, name
