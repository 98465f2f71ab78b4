"""The page of `nndsl play` in Japanese: what it says itself, and what a browser shows of it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from catalogues import PROSE, path_of, read, written

import nndsl
from nndsl.languages import in_language, templates, translated
from nndsl.play.words import CONTEXT, index

PLAY = Path(nndsl.__file__).parent / "play"
SOURCES = sorted((PLAY / "web" / "src").glob("*.js"))
CALL = re.compile(r"\b(?:said|each)\(")
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
TEMPLATE = re.compile(r"`([^`\n]*)`")
WORDS = re.compile(rf"{PROSE.pattern}|^[A-Z][a-z]+[ a-z]*[.:]?$|^[a-z]+ …$")
SHOWN = ("title", "aria-label", "data-empty")  # attributes
CODE = re.compile(r"<svg |^Enter$|var\(--")


class _Texts(HTMLParser):
    """The texts of a page, and those of its attributes that are shown."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._kept = ""  # the element whose texts stay as they are

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "translate" in given or tag == "title":
            self._kept = tag
        self.found |= {given[name] or "" for name in SHOWN if name in given}

    def handle_endtag(self, tag: str) -> None:
        self._kept = "" if tag == self._kept else self._kept

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if re.search("[A-Za-z]{2,}", text) and not self._kept:
            self.found.add(text)


def _of_html() -> set[str]:
    texts = _Texts()
    texts.feed((PLAY / "page" / "index.html").read_text("utf-8"))
    return texts.found


def _calls(script: str) -> Iterator[tuple[int, int]]:
    """Yield where the calls begin and end whose texts are translated."""
    for call in CALL.finditer(script):
        depth, at = 1, call.end()
        while depth:
            literal = LITERAL.match(script, at) if script[at] == '"' else None
            at = literal.end() if literal else at + 1
            depth += 0 if literal else {"(": 1, ")": -1}.get(script[at - 1], 0)
        yield call.end(), at


def _of_scripts() -> set[str]:
    texts = (path.read_text("utf-8") for path in SOURCES)
    return {
        literal[1] for text in texts for a, b in _calls(text) for literal in _literals(text[a:b])
    }


def _literals(script: str) -> Iterator[re.Match[str]]:
    return (one for one in LITERAL.finditer(script) if one[1])


def test_every_sentence_of_the_page_is_translated(pytestconfig: pytest.Config) -> None:
    used = _of_html() | _of_scripts()
    assert len(used) > 90
    with in_language("ja"):
        known = templates(CONTEXT)
    if pytestconfig.getoption("--update-golden"):
        catalogue = read("ja")
        for sentence in used - {*known}:
            catalogue.add(sentence, context=CONTEXT)
        path_of("ja").write_bytes(written(catalogue))
    assert used == {*known}
    names = "nndsl|play|Ctrl|Enter|S|pip|install|numpy|spec|nn|py|svg|page|JavaScript|Python|params"
    for sentence, japanese in known.items():
        shown = re.sub(r"\{\w+\}|`[^`]*`|#page=", "", japanese)
        assert not re.sub(rf"\b(?:{names})\b|[^A-Za-z]", "", shown), (sentence, japanese)
        assert {*re.findall(r"\{\w+\}", sentence)} == {*re.findall(r"\{\w+\}", japanese)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_sentence_stands_outside_of_the_catalogue(path: Path) -> None:
    script = re.sub(r"(?m)(^|(?<=[\s;,{}]))//.*|/\*.*?\*/", "", path.read_text("utf-8"))
    assert [*_outside(script)] == []


def _outside(script: str) -> Iterator[str]:
    """Yield what a script says in words that no call translates."""
    within = [*_calls(script)]
    used = _of_scripts()
    for literal in (*LITERAL.finditer(script), *TEMPLATE.finditer(script)):
        text = re.sub(r"\$\{[^}]*\}", "X", literal[1])
        is_within = any(a <= literal.start() < b for a, b in within)
        if WORDS.search(text) and not (is_within or CODE.search(text) or text in used):
            yield text


def test_what_the_server_says_is_translated() -> None:
    pytest.importorskip("uvicorn")
    from nndsl.play.server import SHUT

    tree = ast.parse((PLAY / "server.py").read_text("utf-8"))
    called = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    texts = {
        node.args[0].value
        for node in called
        if getattr(node.func, "id", "") in {"said", "translated", "Refused"}
        and isinstance(node.args[0], ast.Constant)
    } | {SHUT}
    assert len(texts) > 8
    with in_language("ja"):
        assert [text for text in texts if translated(text).isascii()] == []


def test_no_style_says_a_word() -> None:
    css = (PLAY / "page" / "play.css").read_text("utf-8")
    assert not re.search(r'content: "[^"]*[a-z]', css)


def test_a_sentence_that_is_forgotten_is_found() -> None:
    script = 'notify(said("Saved."), "it is saved"); notify(`${now} not saved`); say("Wait");'
    assert {*_outside(script)} == {"it is saved", "X not saved", "Wait"}


def test_a_page_begins_in_the_language_that_is_chosen() -> None:
    with in_language("ja"):
        text = index()
    assert '<html lang="ja">' in text
    assert "このページには JavaScript が必要である" in text
    words = json.loads(re.findall(r'id="words">(.*?)</script>', text)[0])
    assert words["ja"]["Save"] == "保存"
    assert '<html lang="en">' in index()
