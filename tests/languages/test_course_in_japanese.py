"""The course in Japanese: what is asked in each lab, the answers, and the comments of its pages."""

from __future__ import annotations

import re

import pytest
from catalogues import PROSE, require_entries

from nndsl.course.grading.autograders import PLATFORMS
from nndsl.course.labs import afterwards, labs, page, readme
from nndsl.languages import in_language, with_comments
from nndsl.play.files import new_page
from nndsl.vocabulary.starter import starter

PAGES = [name for lab in labs() for name in lab.pages]
FOLDERS = ("labs", "labs-after", "labs-end", "labs-key")
LABS = [(lab.page, lab, ["nndsl build"]) for lab in labs()]


def _all() -> None:
    for platforms in ((), *((name,) for name in PLATFORMS)):
        readme(LABS, *FOLDERS, platforms=platforms)
        readme(LABS, *FOLDERS, platforms=platforms, is_key=True, of_class=True)
    for lab in labs():
        afterwards(lab, "labs-end")
    for name in PAGES:
        page(name)


def test_every_sentence_of_the_course_is_translated(
    monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    require_entries("ja", _all, monkeypatch, pytestconfig)


def test_nothing_of_it_is_english() -> None:
    with in_language("ja"):
        told = [
            readme(LABS, *FOLDERS, platforms=PLATFORMS, is_key=is_key, of_class=True)
            for is_key in (False, True)
        ]
    for text in told:
        prose = re.sub(r"`.*?`|^    .*|（[A-Z].*?）|Weight decay", "", text, flags=re.MULTILINE)
        assert not PROSE.findall(prose)
        assert not re.search(r"。 (?!\*)", text)


def test_only_comments_of_a_page_change() -> None:
    for name in PAGES:
        english = page(name).text
        with in_language("ja"):
            japanese = page(name).text
        assert english != japanese
        assert re.sub("#.*", "#", japanese) == re.sub("#.*", "#", english)


def test_a_first_page() -> None:
    english = starter("net")
    with in_language("ja"):
        japanese = with_comments(english)
        in_a_browser = str(new_page()["text"])
    assert not PROSE.findall("".join(re.findall("# .*", in_a_browser)))
    comments = re.sub(r"nndsl [\w .=-]+", "", "".join(re.findall("# .*", japanese)))
    assert not PROSE.findall(comments)
    assert re.sub("#.*", "#", japanese) == re.sub("#.*", "#", english)
