"""What the pages name is there: links, anchors, and what `pip` is told to install."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "README.ja.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
FENCE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(\s*([^)\s]+)\s*\)")
EXTRAS = set(
    tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
)


def prose(page: Path) -> str:
    """Return a page without its blocks and pieces of code, where no link is one."""
    return re.sub(
        r"`[^`\n]*`", lambda code: "x" * len(code[0]), FENCE.sub("", page.read_text("utf-8"))
    )


def anchors(page: Path) -> set[str]:
    """Return what a link may name after `#`: ids, and headings as GitHub and GitLab spell them."""
    text = FENCE.sub("", page.read_text("utf-8"))
    headings = re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)
    slugs = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)
    return {*slugs, *re.findall(r'<a id="([^"]+)">', text)}


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    there = target.exists() and target.is_relative_to(ROOT)
    return there and (not anchor or anchor in anchors(target))


@pytest.mark.slow
def test_every_link_leads_somewhere() -> None:
    links = [(page, link) for page in PAGES for link in LINK.findall(prose(page))]
    inner = [(page, link) for page, link in links if "://" not in link]
    astray = [
        f"{page.relative_to(ROOT)}: {link}"
        for page, link in inner
        if not leads_somewhere(page, link)
    ]
    assert not astray


def test_links_are_found() -> None:
    assert len(LINK.findall(prose(ROOT / "README.md"))) > 15
    assert "what-must-hold-after-training" in anchors(ROOT / "docs" / "ci.md")


def test_nothing_is_named_that_is_not_there() -> None:
    """There is no version on an index, no tag and no address of a repository to name."""
    for page in PAGES:
        name, text = page.relative_to(ROOT), page.read_text("utf-8")
        assert "example.org" not in text, name
        assert not re.search(r"^\s*(- )?(rev|ref|tag): *v?\d", text, re.MULTILINE), name
        for named in re.findall(r"pip install ([^\n`&]*)", text):
            assert not re.search(r"(?<![\w./-])nndsl(?!\[)", named), (name, named)
        for extras in re.findall(r"nndsl\[([\w,]+)\]", text):
            assert set(extras.split(",")) <= EXTRAS, name
