"""Figures: colours that differ, the same bytes again, and an `<svg>` that fits into any page."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from color_vision import VISIONS, contrast, distance
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from nndsl.report.drawing import HALF, SERIES, diverging_colormap, log_scale, save, themed
from nndsl.report.page import Page, Picture, render_page
from nndsl.resources import read_text

NAMED = re.compile(r"--(\w+): (#\w{6});")


def palettes() -> dict[str, dict[str, str]]:
    """Return the colours of the style sheet: of light, of dark, of print."""
    style = read_text("templates", "report.css")
    bodies = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(bodies) == 3
    return dict(zip(("light", "dark", "print"), map(dict, map(NAMED.findall, bodies)), strict=True))


PALETTES = palettes()


def figure(title: str = "title") -> Figure:
    """Return a figure with what figures have: curves, markers, a band, greys, an image, words."""
    made = Figure()
    axes = made.add_subplot()
    axes.plot([1, 2, 3], [3, 1, 2], marker="o", label=title)
    axes.fill_between([1, 2, 3], [3, 1, 2], [4, 2, 3], alpha=0.2)
    axes.axhline(2, color="0.5", linestyle="--")
    axes.imshow([[0.0, 1.0], [2.0, 3.0]], extent=(1, 2, 1, 2), aspect="auto")
    axes.set_title(title)
    axes.legend()
    return made


def drawn(folder: Path, title: str = "title", name: str = "loss") -> str:
    with themed():
        return save(figure(title), folder, name)


@pytest.mark.parametrize("vision", VISIONS)
def test_series_can_be_told_apart(vision: str) -> None:
    near = {(a, b): distance(a, b, vision) for a, b in combinations(SERIES, 2)}
    assert min(near.values()) > 15, min(near, key=lambda pair: near[pair])


@pytest.mark.parametrize("mode", PALETTES)
def test_series_can_be_seen(mode: str) -> None:
    assert all(contrast(color, PALETTES[mode]["page"]) >= 3 for color in SERIES)


@pytest.mark.parametrize("mode", PALETTES)
@pytest.mark.parametrize("vision", VISIONS)
def test_shades_can_be_seen_and_rank(mode: str, vision: str) -> None:
    colors = [to_hex(diverging_colormap()(i / 10)) for i in range(11)]
    assert all(contrast(color, PALETTES[mode]["page"]) >= 3 for color in colors)
    from_lowest = [distance(colors[0], color, vision) for color in colors]
    assert from_lowest == sorted(from_lowest)
    assert from_lowest[5] > 20
    assert from_lowest[10] > 60


@pytest.mark.parametrize("mode", PALETTES)
def test_words_can_be_read(mode: str) -> None:
    colors = PALETTES[mode]
    for name in ("ink", "quiet", "accent"):
        assert contrast(colors[name], colors["page"]) >= 4.5, name
    for name in ("ink", "quiet", "word", "number", "string", "comment"):
        assert contrast(colors[name], colors["panel"]) >= 4.5, name


@pytest.mark.parametrize("place", ["outside upper right", "outside lower center"])
def test_a_legend_beside_the_title_stays(place: str, tmp_path: Path) -> None:
    with themed():
        made = Figure()
        lines = made.add_subplot().plot([1, 2, 3])
        title = made.suptitle("title")
        legend = made.legend(lines, ["line"], loc=place)
        picture = save(made, tmp_path, "loss")
    cut = float(ElementTree.fromstring(picture).attrib["viewBox"].split()[1])
    above, below = legend.get_window_extent().ymax, title.get_window_extent().ymin
    highest = above if place == "outside upper right" else below
    assert cut == pytest.approx((made.bbox.ymax - highest) * 72 / made.dpi, abs=0.01)
    assert cut > 0


@pytest.mark.slow
def test_a_picture_stands_in_a_page(tmp_path: Path) -> None:
    root = ElementTree.fromstring(drawn(tmp_path))
    assert root.tag == "svg"
    assert root.attrib.keys() == {"viewBox", "stroke-linejoin", "fill"}  # the page sets the size
    elements = list(root.iter())
    assert not any("style" in e.attrib or "font-family" in e.attrib for e in elements)
    tags = {e.tag for e in elements}
    assert tags >= {"path", "text", "image", "use", "clipPath"}
    assert not tags & {"style", "metadata", "script", "a"}
    assert all(e.attrib["href"].startswith("data:") for e in root.iter("image"))


@pytest.mark.slow
def test_greys_follow_the_text_of_the_page(tmp_path: Path) -> None:
    svg = drawn(tmp_path)
    found = set(re.findall(r"(?:fill|stroke)=\"(#\w+)\"", svg))
    assert found <= set(SERIES)
    assert found
    texts = list(ElementTree.fromstring(svg).iter("text"))
    assert texts
    assert all(e.get("fill", "currentColor") == "currentColor" for e in texts)
    dashed = re.search(r"<path[^>]*stroke-dasharray[^>]*>", svg)
    assert dashed is not None
    assert 'stroke="currentColor"' in dashed[0]
    assert 'stroke-opacity="0.498"' in dashed[0]  # grey 0.5


@pytest.mark.slow
def test_ids_are_there_once_and_all_references_lead_somewhere(tmp_path: Path) -> None:
    pictures = [Picture(n, drawn(tmp_path, f"{n}", n)) for n in ("loss", "accuracy")]
    text = render_page(Page("t", "v", (), tuple(pictures), "", ()))
    ids = re.findall(r' id="([^"]+)"', text)
    assert ids
    assert len(ids) == len(set(ids))
    references = re.findall(r"url\(#([^)]+)\)", text) + re.findall(r'href="#([^"]+)"', text)
    assert set(references) == set(ids)


@pytest.mark.slow
def test_the_files_stand_alone(tmp_path: Path) -> None:
    page = drawn(tmp_path)
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")
    file = (tmp_path / "loss.svg").read_text(encoding="utf-8")
    assert file.startswith("<?xml")
    assert "fill: #ffffff" in file  # it is read on a dark desk, too
    assert ">title</text>" in file
    assert page.count(">title</text>") == 1  # the legend: the heading says the rest
    assert file.count(">title</text>") == 2


@pytest.mark.slow
def test_same_figure_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    assert drawn(first) == drawn(second)
    for name in ("loss.png", "loss.svg"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_names_are_no_formulas_and_no_markup(tmp_path: Path) -> None:
    name = r"$\frac{$ </svg><script> & $x^2$"
    svg = drawn(tmp_path, name)
    (label,) = (e.text for e in ElementTree.fromstring(svg).iter("text") if "frac" in str(e.text))
    assert label == name
    assert "<script" not in svg


@pytest.mark.slow
def test_a_logarithmic_axis_has_plain_numbers(tmp_path: Path) -> None:
    with themed():
        made = Figure(figsize=HALF)
        axes = made.add_subplot()
        axes.plot([1, 2], [0.02, 3])
        log_scale(axes, axes.yaxis, 0.02, 3)
        svg = save(made, tmp_path, "log")
    texts = {e.text for e in ElementTree.fromstring(svg).iter("text")}
    assert {"0.05", "0.1", "0.2", "1", "2"} <= texts
    assert not any("$" in str(text) for text in texts)


def test_the_theme_ends_with_its_block() -> None:
    before = dict(mpl.rcParams)
    with themed():
        assert mpl.rcParams["text.parse_math"] is False
    assert dict(mpl.rcParams) == before
