"""The page in a real browser, as somebody uses it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from browser import Page
from serving import Serving

from nndsl.play.static import write_page

pytestmark = pytest.mark.slow

PAGE = """\
let width = 20
data = digits(validation=0.1, test=0.2)
network {
  dense(width)
  relu
  dense(10)
}
train { loss = softmax_cross_entropy; optimizer = adam; epochs = 3 }
"""
WRONG = "network {\n  input(64)\n  dnse(100)\n}\n"
ALT, CTRL = 1, 2
LINES = "[...document.querySelectorAll('#{} .cm-line')]"
MOVED_OVER = """(line => {
  const box = line?.getBoundingClientRect();
  const place = {clientX: box?.x + box?.width / 2, clientY: box?.y + box?.height / 2};
  line?.dispatchEvent(new MouseEvent("mousemove", {bubbles: true, ...place}));
})"""
OUTSIDE = """
[...document.querySelectorAll("header *, nav, section:not([hidden])")].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width > 0 && (box.left < -0.5 || box.right > innerWidth + 0.5);
}).map(e => e.tagName + e.id)
"""

CUT = """
[...document.querySelectorAll("section:not([hidden]) table")].filter(e =>
  e.getBoundingClientRect().right > innerWidth).map(e => e.parentElement.id)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pages"
    made.mkdir()
    (made / "net.nn").write_text(PAGE, "utf-8")
    return made


@pytest.fixture
def served(folder: Path) -> Iterator[Serving]:
    running = Serving(folder)
    yield running
    running.end()


VISIBLE = """
[...document.querySelectorAll("body, body *")]
  .filter(e => e.checkVisibility() || e.tagName === "OPTION")
  .filter(e => !e.closest("#code, #second, pre, code, script, noscript, [translate=no]"))
  .flatMap(e => [e.title, e.getAttribute("aria-label"), e.dataset.empty,
    ...[...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data)])
  .filter(text => /[A-Za-z]/.test(text ?? ""))
"""
NAMES = re.compile(  # of the page, of its script, and what is so in Japanese
    r"`[^`]*`|#page=|\b(?:[WbXZAtd]+\d*|NN\d+|P|N|ReLU|FLOP|bytes|kB|MB|Wilson|Ctrl|Enter|net\.nn|nn|py|svg)\b"
    r"|\b(?:dense|relu|width|digits|adam|sgd|lr|input|images|false|validation|test|rate|he|xavier|dnse|droput"
    r"|softmax_cross_entropy|optimizer|beta1|beta2|epsilon|train|dropout|network)\b|[a-z]+_[a-z]+|\be-?\d+"
)


@pytest.fixture
def page(served: Serving, opened: Page) -> Iterator[Page]:
    opened.open(served.playground.new_address(), 1280)
    opened.wait_for("document.querySelector('#code').textContent.includes('W1')")
    yield opened
    assert opened.console == []
    own = f"http://127.0.0.1:{served.port}/"
    assert [one for one in opened.requests if not one.startswith(own)] == []
    opened.open("about:blank", 1280)  # before the server ends, of which it would complain


def show(page: Page, text: str) -> None:
    """Put a text into the editor as a person does: all of it marked, and typed over."""
    page.click("#editor .cm-content")
    page.press("a", 65, CTRL)
    page.type(text)


def test_a_mistake_is_underlined_and_mended_on_click(page: Page) -> None:
    show(page, WRONG)
    page.wait_for("document.querySelector('#editor .cm-lintRange-error')")
    assert "unknown layer `dnse`" in page.evaluate("document.querySelector('#findings').innerText")
    page.click("#findings .ways button:last-child")
    page.wait_for("document.querySelector('dialog').open")
    assert "NN201" in page.evaluate("document.querySelector('dialog').innerText")
    page.click("dialog form button")
    page.click("#findings .ways button")
    page.wait_for("!document.querySelector('#findings li.error')")
    page.wait_for("document.querySelector('#code').textContent.includes('64 -> 100')")


def test_lines_of_page_and_script_light_each_other_up(page: Page) -> None:
    page.click("#editor .cm-line:nth-child(4)")
    lit = "[...document.querySelectorAll('#code .cm-lit')].map(line => line.textContent)"
    for wanted in ("Z1 = X @ W1 + b1", "dW1 = "):
        page.wait_for(f"{lit}.some(line => line.trim().startsWith('{wanted}'))")
    assert not any("Z2 =" in line for line in page.evaluate(lit))
    said = page.evaluate("document.querySelector('#line').textContent")
    assert re.search(r"Z1 = X W1 \+ b1.*64 → 20.*1,300 parameters", said)

    # the code still scrolls to what is lit, and draws its lines anew: so the mouse follows one
    line = f"{LINES.format('code')}.find(line => /Z2 = /.test(line.textContent))"
    lit = "document.querySelector('#editor .cm-lit')?.textContent.includes('dense(10)')"
    page.wait_for(f"({MOVED_OVER}({line}), {lit})")


def test_words_are_completed_and_explained(page: Page) -> None:
    show(page, "network {\n  input(64)\n  flat")
    page.wait_for("document.querySelector('.cm-tooltip-autocomplete li')")
    assert "flatten" in page.evaluate(
        "document.querySelector('.cm-tooltip-autocomplete').innerText"
    )
    # what comes right after the list is taken for typing: so it is chosen until it is there
    choose = "document.querySelector('.cm-tooltip-autocomplete li')?.dispatchEvent"
    line = f"{LINES.format('editor')}[2].textContent.startsWith('  flatten')"
    page.wait_for(f"({choose}(new MouseEvent('mousedown', {{bubbles: true}})), {line})")
    page.mouse("mouseMoved", *page.middle("#editor .cm-line:nth-child(3) span"))
    page.wait_for("document.querySelector('.hover')")
    assert "a layer" in page.evaluate("document.querySelector('.hover').innerText")


def test_what_is_typed_is_indented(page: Page) -> None:
    show(page, "network {")
    for key in ("dense(10)", "}"):
        page.press("Enter", 13)
        page.type(key)
    written = page.evaluate(f"{LINES.format('editor')}.map(line => line.textContent)")
    assert written[:3] == ["network {", "  dense(10)", "}"]
    show(page, "network ")
    for key in ("{", "Enter", "dense(10)"):  # the editor closes what is opened
        page.press(key, 13) if key == "Enter" else page.type(key)
    again = page.evaluate(f"{LINES.format('editor')}.map(line => line.textContent)")
    assert again == ["network {", "  dense(10)", "}"]


def test_a_number_is_dragged_and_stepped(page: Page) -> None:
    x, y = page.middle("#editor .cm-line:first-child .cm-number-drag")
    page.mouse("mouseMoved", x, y)
    page.mouse("mousePressed", x, y)
    page.mouse("mouseMoved", x + 31, y)
    page.mouse("mouseReleased", x + 31, y)
    first = "document.querySelector('#editor .cm-line').textContent"
    assert page.evaluate(first) == "let width = 25"
    page.wait_for("document.querySelector('#code').textContent.includes('WIDTH = 25')")
    page.click("#editor .cm-line:first-child .cm-number-drag")
    page.press("ArrowDown", 40, ALT)
    assert page.evaluate(first) == "let width = 24"


def test_two_pages_are_compared_by_what_they_mean(page: Page, folder: Path) -> None:
    show(page, PAGE.replace("adam", "sgd(lr=0.1)"))
    page.click("#tab-beside")
    page.wait_for("document.querySelector('#differences').innerText.includes('sgd(lr=0.1')")
    assert "adam" in page.evaluate("document.querySelector('#second').innerText")


def test_a_training_runs_to_its_end_and_gradients_are_proved(page: Page) -> None:
    page.click("#run")
    page.wait_for("document.querySelector('#outcome .verdict')")
    assert "accuracy" in page.evaluate("document.querySelector('#outcome .verdict').textContent")
    assert page.evaluate("document.querySelectorAll('#outcome .curves svg').length") >= 2
    assert page.evaluate("document.querySelectorAll('#outcome .bars svg').length") >= 4
    page.click("#tab-gradients")
    page.click("#prove")
    page.wait_for("document.querySelector('#proof .verdict')")
    said = page.evaluate("document.querySelector('#proof').innerText")
    assert "Every gradient is right." in said


def test_a_proof_is_stopped(page: Page, served: Serving) -> None:
    page.click("#tab-gradients")
    page.click("#prove")
    page.wait_for("!document.querySelector('#halt').disabled")
    assert page.evaluate("document.querySelector('#prove').disabled")
    page.click("#halt")
    page.wait_for("document.querySelector('#proof').innerText === 'Stopped: nothing is proved.'")
    assert page.evaluate("document.querySelector('#halt').disabled")
    assert not page.evaluate("document.querySelector('#prove').disabled")
    deadline = time.monotonic() + 30
    while served.playground.running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not served.playground.running


def test_what_takes_too_long_is_said_until_there_is_an_answer(page: Page, served: Serving) -> None:
    notice = "document.querySelector('#notice')"
    served.playground.seconds = 0.01
    show(page, PAGE.replace("relu", "repeat(200) { dense(width); relu }"))
    page.wait_for(f"{notice}.textContent.includes('`check` was ended after 0.01 seconds')")
    assert page.evaluate("document.querySelector('#code').classList.contains('stale')")
    served.playground.seconds = 60
    show(page, PAGE.replace("20", "30"))
    page.wait_for("document.querySelector('#code').textContent.includes('WIDTH = 30')")
    assert page.evaluate(f"{notice}.hidden")
    assert [one for one in page.console if "403" not in one] == []
    page.open(f"http://127.0.0.1:{served.port}/", 1280)  # it forgets those
    page.wait_for("document.querySelector('#code').textContent.includes('W1')")


def english(page: Page) -> list[str]:
    """Return what the page shows in words that are neither Japanese nor names."""
    return [one for one in page.evaluate(VISIBLE) if re.search("[A-Za-z]{2,}", NAMES.sub("", one))]


def test_nothing_on_the_page_is_english_in_japanese(page: Page, served: Serving) -> None:
    choose = "(all => { all.value = 'ja'; all.dispatchEvent(new Event('change')); })"
    page.evaluate(f"{choose}(document.querySelector('#language'))")
    page.wait_for("document.querySelector('#code').textContent.includes('から生成')")
    assert page.evaluate("document.documentElement.lang") == "ja"
    for tab in ("graph", "summary", "gradients", "beside", "training"):
        page.click(f"#tab-{tab}")
        assert english(page) == []
    page.click("#tab-gradients")
    page.click("#prove")
    page.wait_for("document.querySelector('#proof .verdict')")
    assert english(page) == []
    for rows in (0, 2):
        page.click("#run")
        page.wait_for("document.querySelector('#state').textContent === '終了'")
        page.wait_for(f"document.querySelectorAll('#outcome tbody tr').length >= {rows}")
        assert english(page) == []
        show(page, PAGE.replace("adam", "sgd(lr=0.1)"))
    page.click("#tab-beside")
    page.wait_for("document.querySelector('#differences').innerText.includes('sgd(lr=0.1')")
    assert english(page) == []
    for wrong in (
        WRONG,
        PAGE.replace("epochs = 3", "epochs = 5.5"),
        PAGE.replace("adam", "adam(lr=9)"),
    ):
        show(page, wrong)
        page.wait_for("document.querySelector('#findings li.error, #findings li.warning')")
        assert english(page) == []
        page.click("#findings .ways button:last-child")
        page.wait_for("document.querySelector('dialog').open")
        assert english(page) == []
        page.click("dialog form button")
    show(page, PAGE.replace("dense(width)", "dense(  width  )"))
    page.click("#format")  # a share before its answer would be of the text as it was
    page.wait_for("document.querySelector('#editor').innerText.includes('dense(width)')")
    page.click("#share")
    page.wait_for("location.hash.startsWith('#page=')")
    assert english(page) == []


def test_two_clients_lose_nothing(page: Page, folder: Path) -> None:
    show(page, PAGE.replace("20", "30"))
    page.wait_for("!document.querySelector('#unsaved').hidden")
    page.press("s", 83, CTRL)
    page.wait_for("document.querySelector('#unsaved').hidden")
    assert (folder / "net.nn").read_text("utf-8") == PAGE.replace("20", "30")

    (folder / "net.nn").write_text(PAGE.replace("20", "40"), "utf-8")  # somebody else
    show(page, PAGE.replace("20", "50"))
    page.wait_for("!document.querySelector('#unsaved').hidden")
    page.press("s", 83, CTRL)
    page.wait_for("document.querySelector('#notice').textContent.includes('changed elsewhere')")
    assert (folder / "net.nn").read_text("utf-8") == PAGE.replace("20", "40")
    page.click("#notice button:nth-child(2)")
    page.wait_for("document.querySelector('#unsaved').hidden")
    assert (folder / "net.nn").read_text("utf-8") == PAGE.replace("20", "50")


def test_what_is_not_saved_outlives_the_tab_and_an_address_holds_a_page(
    page: Page, served: Serving, folder: Path
) -> None:
    show(page, PAGE.replace("20", "60"))
    page.wait_for("!document.querySelector('#unsaved').hidden")
    (folder / "net.nn").write_text(PAGE.replace("20", "70"), "utf-8")  # somebody else
    for _ in range(2):
        page.open(f"http://127.0.0.1:{served.port}/", 1280)
        page.wait_for("document.querySelector('#code').textContent.includes('WIDTH = 60')")
    page.press("s", 83, CTRL)
    page.wait_for("document.querySelector('#notice').textContent.includes('changed elsewhere')")
    (folder / "net.nn").write_text(PAGE, "utf-8")
    page.click("#share")
    page.wait_for("location.hash.startsWith('#page=')")
    shared = page.evaluate("location.hash")
    page.evaluate("localStorage.clear()")  # somebody else opens it
    page.open("about:blank", 1280)
    page.open(served.playground.new_address() + shared, 1280)
    page.wait_for("document.querySelector('#code').textContent.includes('WIDTH = 60')")
    notice = "document.querySelector('#notice').textContent"
    page.wait_for(f"{notice}.startsWith('This page came with the address. The file net.nn')")
    page.press("s", 83, CTRL)  # it was never opened: so nothing was changed elsewhere
    page.wait_for(f"{notice}.startsWith('There is a net.nn already')")
    choose = "(all => { all.value = 'net.nn'; all.dispatchEvent(new Event('change')); })"
    page.evaluate(f"{choose}(document.querySelector('#pages'))")
    page.wait_for("document.querySelector('#code').textContent.includes('WIDTH = 20')")
    assert page.evaluate("location.hash") == ""


def test_a_site_shows_its_page_before_python_is_there(tmp_path: Path, opened: Page) -> None:
    write_page(tmp_path, PAGE.replace("relu", "# 1 < 2"))  # and no Python will come
    answering = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), answering) as server:
        Thread(target=server.serve_forever).start()
        try:
            opened.open(f"http://127.0.0.1:{server.server_port}/", 1280)
            line = f"{LINES.format('editor')}[4]?.textContent === '  # 1 < 2'"
            opened.wait_for(line)
            opened.click("#editor .cm-content")
            opened.press("Enter", 13, CTRL)
            shown = "document.querySelector('#outcome').offsetParent"
            opened.wait_for(f"{shown} && document.querySelector('#outcome').innerText")
            said = opened.evaluate("document.querySelector('#outcome').innerText")
            assert said.startswith("This site checks, builds and draws inside your browser.")
            assert not [one for one in opened.requests if "/run/" in one]
        finally:
            opened.open("about:blank", 1280)
            server.shutdown()


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_one_thing_at_a_time(page: Page, served: Serving, dark: bool) -> None:
    page.open(f"http://127.0.0.1:{served.port}/", 390, dark=dark, height=844)
    page.wait_for("document.querySelector('#code').textContent.includes('W1')")
    page.click("#editor .cm-line:nth-child(4)")  # what lights up elsewhere stands below
    page.wait_for("document.querySelector('#line .of-script')?.textContent.includes('dW1 =')")
    page.click("#tab-gradients")
    page.click("#prove")
    page.wait_for("document.querySelector('#proof table')")
    for tab in ("page", "script", "graph", "summary", "gradients", "beside", "training"):
        page.click(f"#tab-{tab}")
        assert page.evaluate(OUTSIDE) == []
        seen = "[...document.querySelectorAll('section')].filter(one => one.offsetParent).length"
        assert page.evaluate(seen) == 1
        assert page.evaluate(CUT) == []
