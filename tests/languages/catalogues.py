"""Catalogues of sentences: what they lack, and how they are compiled."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from gettext import NullTranslations
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from nndsl import languages
from nndsl.languages.catalogue import Catalogue as Sentences

PROSE = re.compile(r"[a-z]{2,} [a-z]{2,}")


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


def update(language: str, missing: Iterable[str]) -> None:
    """Write sentences that a catalogue lacks into it, without a translation, and compile it."""
    catalogue = read(language)
    for sentence in missing:
        catalogue.add(sentence)
    path_of(language).write_bytes(written(catalogue))
    path_of(language).with_suffix(".mo").write_bytes(compiled(catalogue))


def require_complete(
    language: str,
    act: Callable[[], object],
    monkeypatch: pytest.MonkeyPatch,
    config: pytest.Config,
) -> None:
    """Fail where an act says a sentence in English."""
    lacks = missing(language, act, monkeypatch)
    if config.getoption("--update-golden"):
        update(language, lacks)
    assert not lacks, f"translate these in {path_of(language)}: {[*lacks]}"


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
    """Return the sentences that an act says in English, since there is no translation."""
    asked = _Missing()
    known = Sentences(io.BytesIO(compiled(read(language))))
    known.add_fallback(asked)
    with monkeypatch.context() as patch:
        patch.setattr(languages, "read_catalogue", lambda language: known)
        with languages.in_language(language):
            act()
    return asked.sentences
