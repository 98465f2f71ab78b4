"""What waits for a translation: little at any time, and nothing of the textbook's chapters."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from catalogues import (
    entries,
    missing,
    path_of,
    said_by,
    standing,
    untranslated,
    update,
    waiting,
)

from nndsl import languages
from nndsl.assistance.names import mentions
from nndsl.assistance.page import Page
from nndsl.cli import main
from nndsl.languages import in_language, translated
from nndsl.languages.catalogue import MESSAGE
from nndsl.source import read_source

BOOK = sorted((Path(__file__).parents[2] / "specs" / "book").glob("*.nn"))
MOST = 20  # sentences at once: a few new words, or errors


def words() -> set[tuple[str, str]]:
    """Return the words of chapters 4 to 6 with their kinds."""
    found = [one.word for spec in BOOK for one in mentions(Page(read_source(spec)))]
    return {(word.kind, word.keyword()) for word in found if word is not None}


@pytest.mark.slow
def test_little_waits() -> None:
    assert len(waiting("ja")) <= MOST, f"translate these:\n\n{entries(waiting('ja'))}"


def test_no_word_of_the_chapters_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    known = words()
    assert {("layers", "batch_norm"), ("optimizers", "adagrad"), ("sections", "train")} <= known

    def explain() -> None:
        for kind, word in sorted(known - {("sections", word) for _, word in known}):
            assert main(["list", kind, word, "--lang", "ja"]) == 0

    assert untranslated("ja", explain, monkeypatch) == {}


def test_a_new_sentence_waits_in_the_catalogue_and_is_said_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(path_of("ja").parent, tmp_path / "ja")
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    new, message = "a bent line that is new", "`bend` is new, and not `straight`"

    def say() -> list[str]:
        return [translated(new)]

    assert [*missing("ja", say, monkeypatch)] == [new]
    assert f'msgid "{new}"\nmsgstr ""' in entries([new])
    before = len(waiting("ja"))
    update("ja", [new])
    update("ja", ["`{value}` is new, and not `{value2}`"], MESSAGE)
    assert missing("ja", say, monkeypatch) == {}
    assert [*untranslated("ja", say, monkeypatch)] == [new]
    assert len(waiting("ja")) == before + 2
    with in_language("ja"):
        assert [*say(), translated(message)] == [new, message]
    with said_by(standing("ja"), monkeypatch):
        assert translated(message) != message
