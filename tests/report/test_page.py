"""A page: everything on it is text, it stands alone, and it is sound HTML."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from nndsl.report.page import Page, Picture, Table, Text, render_page, write_page

EVIL = "</pre></style><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }} \"'&"
SVG = '<svg viewBox="0 0 360 244"><path d="M 0 0" fill="currentColor" /></svg>'
VOID = {"meta", "wbr", "img", "link", "br", "hr", "input"}
# What a page may consist of. `script`, `img`, `a`, `link`, `iframe` and `form` are not among it.
ELEMENTS = set(
    "html head meta title style body main header footer section div h1 h2 p dl dt dd figure"
    " figcaption svg path table thead tbody tr th td pre code span wbr".split()
)


class Reader(HTMLParser):
    """Reads a page: elements must be closed in order, and only those of the template occur."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.text[tag] = self.text.get(tag, "") + data

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(page: Page) -> Reader:
    reader = Reader()
    reader.feed(render_page(page))
    reader.close()
    assert not reader.open
    return reader


def make(said: str) -> Page:
    """Return a page that says one thing wherever it can."""
    return Page(
        title=said,
        verdict=said,
        facts=((said, said),),
        parts=(
            Picture(said, SVG, said),
            Table(said, (said, said), ((said, said), (said, "1.5")), said),
            Text(said, (said, said)),
        ),
        spec=f'model m # {said}\nlet a = 2.5\ndata = csv("{said}")\n',
        commands=(f"nndsl run {said}",),
    )


def test_whatever_a_page_says_is_text() -> None:
    plain, hostile = read(make("said " * 20)), read(make(EVIL))
    # The same elements with the same attributes, `wbr` and the coloring of the spec aside.
    assert {tag for tag, _ in hostile.elements} <= ELEMENTS

    def skeleton(reader: Reader) -> list[tuple[str, list[str]]]:
        return [(t, sorted(a)) for t, a in reader.elements if t not in ("wbr", "span")]

    assert skeleton(hostile) == skeleton(plain)
    for tag in ("title", "h1", "h2", "p", "dt", "dd", "th", "td", "pre"):
        assert EVIL in hostile.text[tag], tag
    assert f'data = csv("{EVIL}")' in hostile.text["code"]
    (svg,) = hostile.attributes("svg")
    assert svg["aria-label"] == f"{EVIL}. {EVIL}"
    assert not any(name.startswith("on") for _, a in hostile.elements for name in a)
    assert "{{ 7 * 7 }}" in hostile.text["h1"]  # no template of its own


def test_a_page_asks_for_nothing() -> None:
    reader = read(make("said"))
    assert not any({"src", "href", "style"} & a.keys() for _, a in reader.elements)
    style = reader.text["style"]
    assert not re.search(r"url\(|@import|@font-face", style)
    (policy,) = (
        str(a["content"])
        for a in reader.attributes("meta")
        if a.get("http-equiv") == "Content-Security-Policy"
    )
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_a_page_can_be_heard() -> None:
    reader = read(make("said"))
    assert reader.attributes("html") == [{"lang": "en"}]
    headings = [tag for tag, _ in reader.elements if tag in ("h1", "h2")]
    assert headings == ["h1", "h2", "h2", "h2", "h2", "h2"]  # picture, table, text, spec, again
    assert all(a["role"] == "img" and a["aria-label"] for a in reader.attributes("svg"))
    assert {a["scope"] for a in reader.attributes("th")} == {"col", "row"}
    for region in reader.attributes("div"):
        if region.get("role") == "region":  # what scrolls can be reached by keys, and has a name
            assert region["tabindex"] == "0"
            assert region["aria-label"]


def test_numbers_stand_to_the_right() -> None:
    rows = (("a", "1,234", "–", "3 s"), ("b", "-2.5e-3", "0.5 ± 0.1", "x"), ("c", "nan", "inf", ""))
    assert Table("t", ("", "n", "m", "words"), rows).numeric == (False, True, True, False)


def test_a_wide_picture_scrolls_inside_itself() -> None:
    narrow, wide = Picture("n", SVG), Picture("w", SVG.replace("360", "576"))
    assert (narrow.is_wide, wide.is_wide) == (False, True)
    reader = read(Page("t", "v", (), (narrow, wide), "", ()))
    assert [a.get("class") for a in reader.attributes("figure")] == ["w5", "w8 wide"]


def test_same_page_same_bytes(tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        write_page(make("said"), tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_page_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_page(make("said"), tmp_path / "missing" / "a.html")
    assert not list(tmp_path.iterdir())
