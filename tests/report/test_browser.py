"""A report in a real browser: on a phone and a desktop, in light and in dark, on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import Page as Opened
from color_vision import contrast
from matplotlib.figure import Figure
from test_page import EVIL, make

from nndsl.cli import main
from nndsl.report.drawing import SERIES, WHOLE, save, themed
from nndsl.report.page import Page, Picture, Table, Text, write_page

pytestmark = pytest.mark.slow

SPEC = """\
data = digits(validation=0.1, test=0.2)  # a comment that is much longer than a phone is wide
network { dense(30); relu; dense(10) }
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 12 }
"""
PHONE, DESKTOP = 360, 1280
# What sticks out of the page; a box that scrolls may hold what is wider than itself.
OUTSIDE = """
[...document.querySelectorAll("main *")].filter(e => {
  if (e.closest(".scroll, pre") && !e.matches(".scroll, pre")) return false;
  const box = e.getBoundingClientRect();
  return box.width > 0 && (box.left < -0.5 || box.right > %d + 0.5);
}).map(e => e.tagName)
"""
# The size of each word of a figure, in pixels of the screen.
FIGURE_WORDS = """
[...document.querySelectorAll("svg text")].map(text => {
  const svg = text.closest("svg");
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return scale * parseFloat(getComputedStyle(text).fontSize);
})
"""
# Words of facts that stand on several lines.
BROKEN_WORDS = """
[...document.querySelectorAll("dd")].filter(fact => {
  const range = document.createRange();
  range.selectNodeContents(fact);
  const lines = new Set([...range.getClientRects()].map(box => box.top)).size;
  return lines > 1 && !fact.textContent.includes(" ");
}).map(fact => fact.textContent)
"""
VERDICT = """
(() => {
  const box = document.querySelector(".verdict").getBoundingClientRect();
  return [document.querySelector(".verdict").innerText, box.top, box.bottom];
})()
"""


@pytest.fixture(scope="module")
def run_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of a run, as `nndsl run` writes it."""
    folder = tmp_path_factory.mktemp("run")
    spec = folder / "digits.nn"
    spec.write_text(SPEC, encoding="utf-8")
    assert main(["run", str(spec), "-o", str(folder / "out")]) == 0
    return folder / "out" / "report.html"


@pytest.fixture(scope="module")
def full_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a page with more than a run has: wide figures and tables, long words, many facts."""
    folder = tmp_path_factory.mktemp("full")
    pictures = []
    for number, size in enumerate([(5, 3.4), (5, 3.4), (5, 3.4), WHOLE]):
        with themed():
            figure = Figure(figsize=size)
            axes = figure.add_subplot()
            for row, _ in enumerate(SERIES):
                axes.plot([0, 1, 2], [row, row + 1, row], label=f"variant {row}")
            axes.legend()
            svg = save(figure, folder, f"figure{number}")
        pictures.append(Picture(f"Figure {number}", svg, "What it shows."))
    name = "a_very_long_name_of_a_setting_that_has_no_space_in_it_at_all_and_goes_on"
    columns = ("variant", *(f"validation accuracy {i}" for i in range(8)))
    rows = tuple((f"{name}{i}", *(f"0.{i}{k}" for k in range(8))) for i in range(40))
    page = Page(
        title=f"{name}: 3 variants compared",
        verdict=f"The best is {name}, with 0.9805 ± 0.0021.",
        facts=tuple((f"fact {i}", f"{name}(lr=0.{i})") for i in range(7)),
        parts=(*pictures, Table("Results", columns, rows, name), Text("Lines", (name * 3,))),
        spec=SPEC * 8,
        commands=(f"nndsl compare {name * 3}.nn",),
    )
    write_page(page, folder / "report.html")
    return folder / "report.html"


@pytest.fixture(params=["run_report", "full_report"])
def report(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


def rgb(opened: Opened, selector: str, quality: str) -> str:
    """Return a computed colour as `#rrggbb`."""
    said = opened.evaluate(f"getComputedStyle(document.querySelector('{selector}')).{quality}")
    return hexadecimal(said)


def hexadecimal(said: str) -> str:
    """Return a colour that a browser writes as rgb(27, 29, 34) as `#1b1d22`."""
    numbers = re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", said)
    assert numbers, said
    return "#" + "".join(f"{int(number):02x}" for number in numbers.groups())


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_it_fits_the_screen(opened: Opened, report: Path, width: int) -> None:
    opened.open(report, width)
    assert opened.evaluate("innerWidth") == width
    assert opened.evaluate("document.documentElement.scrollWidth") == width
    assert opened.evaluate(OUTSIDE % width) == []
    sizes = opened.evaluate(FIGURE_WORDS)
    assert sizes
    assert min(sizes) >= 8


@pytest.mark.parametrize("width", [PHONE, 390, DESKTOP])
def test_no_fact_breaks_inside_a_word(opened: Opened, run_report: Path, width: int) -> None:
    opened.open(run_report, width)
    assert "softmax_cross_entropy" in opened.evaluate("document.querySelector('dl').textContent")
    assert opened.evaluate(BROKEN_WORDS) == []


def test_a_comparison_shows_all_its_panels_on_a_phone(opened: Opened, tmp_path: Path) -> None:
    spec = tmp_path / "net.nn"
    spec.write_text(
        SPEC + "compare { variant a { batch = 50 }; variant b { batch = 90; epochs = 3 } }",
        encoding="utf-8",
    )
    assert main(["compare", str(spec), "-o", str(tmp_path / "out")]) == 0
    opened.open(tmp_path / "out" / "report.html", 390)
    boxes = "[...document.querySelectorAll('figure .scroll')]"
    assert opened.evaluate(f"{boxes}.length") == 2
    assert opened.evaluate(f"{boxes}.filter(e => e.scrollWidth > e.clientWidth).length") == 0


def test_what_is_wide_scrolls_inside_itself(opened: Opened, full_report: Path) -> None:
    opened.open(full_report, PHONE)
    for selector in (".wide .scroll", "section .scroll", "pre"):
        box = f"document.querySelector('{selector}')"
        assert opened.evaluate(f"{box}.scrollWidth > {box}.clientWidth"), selector
        opened.evaluate(f"{box}.focus()")
        assert opened.evaluate(f"document.activeElement === {box}"), selector


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_verdict_is_what_one_sees_first(
    opened: Opened, report: Path, width: int, dark: bool
) -> None:
    opened.open(report, width, dark=dark)
    said, top, bottom = opened.evaluate(VERDICT)
    text = report.read_text(encoding="utf-8").replace("<wbr>", "")
    assert f'<p class="verdict">{said}</p>' in text
    assert 0 < top < bottom < 640
    assert contrast(rgb(opened, ".verdict", "color"), rgb(opened, "body", "backgroundColor")) > 7


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_figures_follow_the_page(opened: Opened, report: Path, dark: bool) -> None:
    opened.open(report, DESKTOP, dark=dark)
    page = rgb(opened, "body", "backgroundColor")
    assert (contrast(page, "#000000") < 2) == dark
    words = "[...document.querySelectorAll('svg{} text')].map(e => getComputedStyle(e).fill)"
    body = opened.evaluate("getComputedStyle(document.body).color")
    assert opened.evaluate(f"[...new Set({words.format(':not(.graph)')})]") == [body]
    inks = {hexadecimal(ink) for ink in opened.evaluate(words.format(".graph"))}
    assert all(contrast(page, ink) > 4.5 for ink in inks)
    assert opened.evaluate("getComputedStyle(document.querySelector('svg')).backgroundColor") == (
        "rgba(0, 0, 0, 0)"
    )


def test_it_asks_for_nothing_and_complains_of_nothing(opened: Opened, report: Path) -> None:
    opened.open(report, DESKTOP)
    assert opened.requests == [report.as_uri()]
    assert opened.console == []


def test_it_can_be_heard(opened: Opened, report: Path) -> None:
    opened.open(report, DESKTOP)
    nodes = opened.call("Accessibility.getFullAXTree")["nodes"]
    named: dict[str, list[str]] = {}
    for node in nodes:
        role = node.get("role", {}).get("value", "")
        named.setdefault(role, []).append(node.get("name", {}).get("value", ""))
    figures = opened.evaluate("document.querySelectorAll('svg').length")
    assert len(named["image"]) == figures
    assert all(named["image"])
    assert all(named["heading"])
    tables = opened.evaluate("document.querySelectorAll('table').length")
    assert len(named["table"]) == tables
    assert len(named["columnheader"]) >= tables
    assert len(named["rowheader"]) >= tables


def test_it_prints(opened: Opened, full_report: Path, tmp_path: Path) -> None:
    """No figure and no line of a table is cut by a page's end, and nothing is wider than paper."""
    opened.open(full_report, DESKTOP, dark=True)
    opened.call("Emulation.setEmulatedMedia", media="print")
    try:
        assert rgb(opened, "body", "color") == "#000000"
        assert rgb(opened, "body", "backgroundColor") == "#ffffff"
        for kept in ("figure", "tr", "pre"):
            style = f"getComputedStyle(document.querySelector('{kept}'))"
            assert opened.evaluate(f"{style}.breakInside") == "avoid", kept
        assert opened.evaluate("getComputedStyle(document.querySelector('h2')).breakAfter") == (
            "avoid"
        )
        assert opened.evaluate("getComputedStyle(document.querySelector('pre')).whiteSpace") == (
            "pre-wrap"
        )
    finally:
        opened.call("Emulation.setEmulatedMedia", media="")
    opened.pdf(tmp_path / "report.pdf")
    printed = (tmp_path / "report.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 12


def test_what_a_spec_says_is_not_run(opened: Opened, tmp_path: Path) -> None:
    write_page(make(EVIL), tmp_path / "evil.html")
    opened.open(tmp_path / "evil.html", PHONE)
    assert opened.evaluate("document.querySelectorAll('script, img, iframe, a').length") == 0
    assert opened.evaluate("document.querySelector('h1').textContent") == EVIL
    assert opened.evaluate("document.documentElement.scrollWidth") == PHONE
    assert opened.requests == [(tmp_path / "evil.html").as_uri()]
    assert opened.console == []


def broken(report: Path, tmp_path: Path, piece: str) -> Path:
    """Return a copy of a report with a piece of HTML that no escaping has seen."""
    text = report.read_text(encoding="utf-8")
    path = tmp_path / "broken.html"
    path.write_text(text.replace("<header>", f"<header>{piece}", 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "piece",
    [
        "<script>document.title = 'owned'</script>",
        "<p onclick=\"document.title = 'owned'\" id=p>x</p>",
        '<p style="color: red">x</p>',
        "<style>body { display: none }</style>",
        '<img src="http://127.0.0.1:1/spy.png">',
        '<iframe src="data:text/html,x"></iframe>',
    ],
)
def test_the_policy_would_refuse_it(
    opened: Opened, run_report: Path, tmp_path: Path, piece: str
) -> None:
    """Were the escaping to fail: and the checks above do see what is refused."""
    opened.open(broken(run_report, tmp_path, piece), DESKTOP)
    opened.evaluate("document.querySelector('#p')?.click()")
    assert opened.evaluate("document.title") != "owned"
    assert opened.evaluate("getComputedStyle(document.body).display") == "block"
    assert any("Content Security Policy" in said for said in opened.console)
    assert len(opened.requests) == 1  # for the page itself


def test_what_sticks_out_is_seen(opened: Opened, run_report: Path, tmp_path: Path) -> None:
    piece = f"<table><tr><td></td><td>{'x' * 100}</td></tr></table>"
    opened.open(broken(run_report, tmp_path, piece), PHONE)
    assert opened.evaluate("document.documentElement.scrollWidth") > PHONE
    assert opened.evaluate(OUTSIDE % PHONE)[0] == "TABLE"
