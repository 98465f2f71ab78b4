"""Sentences in other languages: the English one is the key, and is translated where it is printed.

A text that stands as it is needs nothing: whoever prints it calls `translated`. One with values in
it is a `sentence`, a string that still knows its template and its values; a message for the
terminal is recognised by its catalogue (catalogue.py). What a catalogue lacks stays English.
`python -m pytest tests/languages --update-golden -m "slow or not slow"` writes new sentences to the
catalogues, which are `LANGUAGE/nndsl.po`, and compiles them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nndsl.languages.catalogue import Catalogue

ENGLISH = "en"
LANGUAGES = (ENGLISH, "ja")
FOLDER = Path(__file__).parent
_COMMENT = re.compile(r"(?<=# )(.*\S {2,})?(\S.*)")
_SENTENCES = re.compile(r"(?<=\.) (?=[A-Z“]|\d+ of )")

_catalogue: ContextVar[Catalogue | None] = ContextVar("catalogue", default=None)


class Sentence(str):
    """A sentence in English, made of a template and of values by name; without values it is plain.

    A value that is a sentence itself is translated with it; any other is somebody's name or
    number, and stays.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> Sentence:
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template, made.values = template, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.template, self.values)


def _again(template: str, values: dict[str, Any]) -> Sentence:
    return Sentence(template, **values)


def sentence(template: str, **values: Any) -> str:
    """Return `template.format(**values)`, which can be translated later; a sentence as it is."""
    return template if isinstance(template, Sentence) else Sentence(template, **values)


def verbatim(name: str) -> str:
    """Return somebody's name, which stays as it is even where it is a word of English."""
    return Sentence("{name}", name=name)


def listed(*items: str) -> str:
    """Return `a, b and c`."""
    *some, last = items
    if not some:
        return last
    if len(some) == 1:
        return sentence("{one} and {other}", one=some[0], other=last)
    return sentence("{before} and {last}", before=in_a_row(*some), last=last)


def in_a_row(*items: str) -> str:
    """Return `a, b, c`."""
    before, *others = items
    for item in others:
        before = sentence("{before}, {item}", before=before, item=item)
    return before


def joined(parts: Iterable[str]) -> str:
    """Return `a; b`: clauses as one sentence, without its end."""
    made = map(sentence, parts)
    return reduce(lambda one, then: sentence("{before}; {then}", before=one, then=then), made)


def clauses(*parts: str) -> str:
    """Return `a; b.`."""
    return sentence("{said}.", said=joined(parts))


def translated(text: str, /, **values: Any) -> str:
    """Return a sentence in the language that is chosen, in English where it is not known there.

    With `values` it is the sentence of a template.
    """
    text = sentence(text, **values) if values else text
    catalogue = _catalogue.get()
    if catalogue is None or not text:
        return text
    if not isinstance(text, Sentence):
        return catalogue.gettext(text)
    values = {
        name: translated(value) if isinstance(value, Sentence) else value
        for name, value in text.values.items()
    }
    template = catalogue.gettext(text.template)
    if not values:
        return template
    from nndsl.languages.messages import spaced  # of which English has no need

    return spaced(template.format(**values))


def said(text: str) -> str:
    """Return a text in the language that is chosen, as a whole or else sentence by sentence."""
    whole = translated(text)
    if whole != text or (isinstance(text, Sentence) and text.values):
        return whole
    return " ".join(map(translated, _SENTENCES.split(text))).replace("。 ", "。")


def titled(title: str) -> str:
    """Return a title in the language that is chosen, or what stands behind `NAME: ` in it."""
    whole = said(title)
    name, colon, words = title.partition(": ")
    return whole if whole != title else f"{name}{colon}{said(words)}"


def with_comments(page: str) -> str:
    """Return a page of `.nn` with its comments in the language that is chosen.

    A comment is a line, or what stands in it behind two spaces or more: `#   COMMAND   why`.
    """
    return _COMMENT.sub(lambda found: f"{found[1] or ''}{translated(found[2])}", page)


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Print in a language, one of LANGUAGES. ValueError where it is none."""
    token = _catalogue.set(read_catalogue(language))
    try:
        yield
    finally:
        _catalogue.reset(token)


def choose_language(language: str) -> None:
    """Print in a language, one of LANGUAGES, from now on. ValueError where it is none."""
    _catalogue.set(read_catalogue(language))


def chosen_language() -> str:
    """Return the language that is printed, one of LANGUAGES."""
    catalogue = _catalogue.get()
    return ENGLISH if catalogue is None else catalogue.info().get("language", ENGLISH)


def language_option() -> list[str]:
    """Return the words that ask a command for the language chosen: nothing for English."""
    return [] if chosen_language() == ENGLISH else ["--lang", chosen_language()]


def translated_check(text: str) -> str:
    """Return what a check says of a script, line by line, in the language that is chosen."""
    catalogue = _catalogue.get()
    return text if catalogue is None else catalogue.checks.lines(text)


def templates(context: str) -> dict[str, str]:
    """Return the templates with a context of the catalogue, and what they are in the language."""
    catalogue = _catalogue.get()
    return {} if catalogue is None else catalogue.templates(context)


def read_catalogue(language: str) -> Catalogue | None:
    """Return the sentences of a language; None for English, which needs none."""
    if language not in LANGUAGES:
        raise ValueError(f"there is no language `{language}`: choose from {', '.join(LANGUAGES)}")
    if language == ENGLISH:
        return None
    from nndsl.languages.catalogue import Catalogue  # what prints English has no need of it

    with (FOLDER / language / "nndsl.mo").open("rb") as file:
        return Catalogue(file)
