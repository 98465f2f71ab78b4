"""Catalogues of sentences: what they lack, and how they are compiled.

Whoever writes a new sentence need not know the language: it suffices that the sentence stands in
the catalogue, where it waits for a translator. Until then it is said in English.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from gettext import NullTranslations
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from nndsl import languages
from nndsl.languages.catalogue import MESSAGE
from nndsl.languages.catalogue import Catalogue as Sentences

PROSE = re.compile(r"[a-z]{2,} [a-z]{2,}")
VALUE = "X1"  # stands for a value of a message that was read off a module
WAITING = "※"


def read(language: str) -> Catalog:
    """Return the catalogue that translators edit."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def path_of(language: str) -> Path:
    return languages.FOLDER / language / "nndsl.po"


class _Undated(Catalog):
    """A catalogue whose head says nothing of when and by what it was made: it has no conflicts."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Language", str(self.locale_identifier)),
            ("Content-Type", "text/plain; charset=utf-8"),
        ]


def compiled(catalogue: Catalog) -> bytes:
    """Return what gettext reads: the same bytes whenever and by whatever Babel it is made."""
    undated = _Undated(catalogue.locale_identifier)
    for message in catalogue:
        if message.id:
            undated[message.id] = message
    file = io.BytesIO()
    write_mo(file, undated)
    return file.getvalue()


def written(catalogue: Catalog) -> bytes:
    """Return the text of a catalogue: its sentences in the order of the alphabet, no dates."""
    file = io.BytesIO()
    write_po(file, catalogue, width=100, sort_output=True, omit_header=True)
    head = "".join(
        f'"{name}: {value}\\n"\n'
        for name, value in _Undated(catalogue.locale_identifier).mime_headers
    )
    return f'msgid ""\nmsgstr ""\n{head}\n'.encode() + file.getvalue()


def update(language: str, missing: Iterable[str], context: str | None = None) -> None:
    """Write sentences that a catalogue lacks into it, without a translation, and compile it."""
    catalogue = read(language)
    for sentence in missing:
        catalogue.add(sentence, context=context)
    path_of(language).write_bytes(written(catalogue))
    path_of(language).with_suffix(".mo").write_bytes(compiled(catalogue))


def waiting(language: str) -> list[str]:
    """Return the sentences of a catalogue that have no translation yet."""
    return [str(message.id) for message in read(language) if message.id and not message.string]


def standing(language: str) -> Sentences:
    """Return a catalogue in which whatever waits for a translation has one: itself, marked."""
    catalogue = read(language)
    for message in catalogue:
        message.string = message.string or f"{WAITING} {message.id}"
    return Sentences(io.BytesIO(compiled(catalogue)))


@contextmanager
def said_by(catalogue: Sentences, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Print what a catalogue says."""
    with monkeypatch.context() as patch:
        patch.setattr(languages, "read_catalogue", lambda language: catalogue)
        with languages.in_language("ja"):
            yield


def require_entries(
    language: str,
    act: Callable[[], object],
    monkeypatch: pytest.MonkeyPatch,
    config: pytest.Config,
    besides: Callable[[str], bool] = lambda sentence: False,
) -> None:
    """Fail where an act says a sentence that does not stand in a catalogue; or write it there."""
    lacks = missing(language, act, monkeypatch)
    _require(language, [one for one in lacks if not besides(one)], config)


def require_messages(language: str, lacks: Iterable[str], config: pytest.Config) -> None:
    """Fail where there are messages, with VALUE for each value, that no template makes."""
    _require(language, [*map(_template, sorted(lacks))], config, MESSAGE)


def _require(
    language: str, lacks: list[str], config: pytest.Config, context: str | None = None
) -> None:
    if lacks and config.getoption("--update-golden"):
        update(language, lacks, context)
    elif lacks:
        told = "run pytest tests/languages --update-golden, or paste this; a translation can wait"
        pytest.fail(f"{told}. {path_of(language)}:\n\n{entries(lacks, context)}", pytrace=False)


def entries(sentences: Iterable[str], context: str | None = None) -> str:
    """Return sentences as they stand in a catalogue before anybody translates them."""
    catalogue, file = Catalog(), io.BytesIO()
    for sentence in sentences:
        catalogue.add(sentence, context=context)
    write_po(file, catalogue, width=100, sort_output=True, omit_header=True)
    return file.getvalue().decode()


def _template(message: str) -> str:
    first, *others = message.replace("{", "{{").replace("}", "}}").split(VALUE)
    names = ("value", *(f"value{number}" for number in range(2, len(others) + 1)))
    return first + "".join(f"{{{name}}}{text}" for name, text in zip(names, others, strict=False))


class _Missing(NullTranslations):
    """What a catalogue asks for a sentence that it lacks."""

    def __init__(self) -> None:
        super().__init__()
        self.sentences: dict[str, None] = {}

    def gettext(self, message: str) -> str:
        try:
            text = "".join(literal for literal, *_ in Formatter().parse(message))
        except ValueError:  # braces of LaTeX
            text = message
        is_formula = " = " in text and not PROSE.search(text)
        if not is_formula and any(character.isalpha() for character in text):
            self.sentences[message] = None
        return message


def missing(
    language: str, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> dict[str, None]:
    """Return the sentences that an act says and that do not stand in a catalogue."""
    return _lacks(standing(language), act, monkeypatch)


def untranslated(
    language: str, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> dict[str, None]:
    """Return the sentences that an act says in English, since there is no translation."""
    return _lacks(Sentences(io.BytesIO(compiled(read(language)))), act, monkeypatch)


def _lacks(
    known: Sentences, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> dict[str, None]:
    asked = _Missing()
    known.add_fallback(asked)
    with said_by(known, monkeypatch):
        act()
    return asked.sentences
