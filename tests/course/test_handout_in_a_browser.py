"""Handouts as a reader sees them: on a screen, a phone and paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import Page, find

from nndsl.cli import main

SPEC = Path(__file__).parents[2] / "specs" / "lenet.nn"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def handout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("handout") / "lenet.html"
    assert main(["handout", str(SPEC), "-o", str(path)]) == 0
    return path


@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_fits_and_asks_for_nothing(opened: Page, handout: Path, width: int) -> None:
    opened.open(handout, width)
    assert opened.evaluate("document.documentElement.scrollWidth") == width
    assert opened.console == []
    assert opened.requests == [handout.as_uri()]
    assert opened.evaluate("document.querySelector('math mfrac').getBoundingClientRect().height")


@pytest.mark.parametrize("width", [1280, 390])
def test_code_stands_in_one_column(opened: Page, handout: Path, width: int) -> None:
    opened.open(handout, width)
    lines = "[...document.querySelectorAll('main .no')].map(e => e.getBoundingClientRect().x)"
    assert len({*opened.evaluate(lines)}) == 1
    beside = (
        "[...document.querySelectorAll('.pair')].map(pair => [...pair.children]"
        ".map(e => e.getBoundingClientRect())).filter(([code, says]) =>"
        " says.x >= code.right - 1 && says.y < code.bottom && code.y < says.bottom).length"
    )
    assert (opened.evaluate(beside) > 20) is (width == 1280)


def test_nothing_but_an_equation_is_moved_on_a_phone(opened: Page, handout: Path) -> None:
    """Lines of code that have no room go on in the next, right of their numbers."""
    opened.open(handout, 390)
    moved = "[...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth + 1"
    moved += " && getComputedStyle(e).overflowX == 'auto').map(e => e.className)"
    assert {*opened.evaluate(moved)} == {"display"}
    assert opened.evaluate("document.querySelector('.display').textContent.trim().length")
    rows = "[...document.querySelectorAll('main .row')].map(e => [e.offsetHeight, ...(() => {"
    rows += " const of = document.createRange(); of.selectNodeContents(e);"
    rows += " const left = e.firstChild.getBoundingClientRect().right;"
    rows += " return [...of.getClientRects()].slice(1).map(box => box.left - left); })()])"
    heights, *_ = zip(*(row[:1] for row in opened.evaluate(rows)), strict=True)
    assert max(heights) > 2 * min(heights)
    assert min(left for row in opened.evaluate(rows) for left in row[2:]) > 0


def test_what_is_folded_is_open_on_paper(opened: Page, tmp_path: Path) -> None:
    page = tmp_path / "table.html"
    assert main(["handout", str(SPEC.with_name("pendulum.nn")), "-o", str(page)]) == 0
    opened.open(page, 1280)
    height = "document.querySelector('details').offsetHeight"
    assert opened.evaluate(height) < 50
    opened.call("Emulation.setEmulatedMedia", media="print")
    assert opened.evaluate(height) > 300
    opened.call("Emulation.setEmulatedMedia", media="")


def test_a_click_lights_up_what_belongs_together(opened: Page, handout: Path) -> None:
    opened.open(handout, 1280)
    color = "e => getComputedStyle(e).backgroundColor"
    lit = f"[...document.querySelectorAll('.l13')].map({color})"
    before = opened.evaluate(lit)
    opened.evaluate("document.querySelector('#page-13 a').click()")
    after = opened.evaluate(lit)
    assert len(after) > 3
    assert len(set(after)) == 1
    assert before[0] not in after
    others = opened.evaluate(f"[...document.querySelectorAll('.group.l14')].map({color})")
    assert others
    assert set(others).isdisjoint(after)


def test_it_prints_as_a_pdf(handout: Path, tmp_path: Path) -> None:
    if find() is None:
        pytest.skip("there is no Chromium: apt-get install chromium, or name one in CHROMIUM")
    pdf = tmp_path / "lenet.pdf"
    assert main(["handout", str(SPEC), "-o", str(pdf)]) == 0
    assert pdf.read_bytes().startswith(b"%PDF")
