"""A report: one self-contained HTML page without scripts."""

import base64
import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from nndsl import __version__
from nndsl.diagram.diagram import Diagram
from nndsl.diagram.picture import Picture as DiagramPicture
from nndsl.diagram.svg import STYLE
from nndsl.files import write_text
from nndsl.languages import Sentence, chosen_language, said
from nndsl.report.highlighting import highlight
from nndsl.report.interrupts import defer_interrupts
from nndsl.resources import environment, read_text

NAME = "report.html"  # of a page in its folder
_WIDE = 7  # inches: such a picture takes the whole width of the page
_MIN_DPI, _MAX_DPI = 65, 100  # pixels per inch: text of 10 points is 9 to 14 pixels high
_MAX_NODES = 200  # of a graph
_LONG = 40  # characters: a longer cell is wrapped
_VIEW_BOX = re.compile(r'viewBox="0 [\d.]+ ([\d.]+) [\d.]+"')
_AMOUNT = r"[-+]?[\d.,_]*\d[\d.,_]*(e[-+]?\d+)?"
_NUMBER = re.compile(rf"{_AMOUNT}( ± {_AMOUNT})?( ?[%a-zA-Z]{{1,2}})?|[-–]|nan|inf|")


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure: an `<svg>` element from `drawing.save`, with a title and a caption."""

    title: str
    svg: str
    caption: str = ""

    @property
    def inches(self) -> int:
        """Its width, rounded up."""
        size = _VIEW_BOX.search(self.svg)
        return math.ceil(float(size[1]) / 72) if size else 1

    @property
    def is_wide(self) -> bool:
        return self.inches >= _WIDE


@dataclass(frozen=True, slots=True)
class Table:
    """A table of plain text. Columns of numbers are aligned to the right.

    Of cells those are translated that are sentences, or long: others are names and numbers.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Whether each column holds only numbers."""
        return tuple(
            all(_NUMBER.fullmatch(row[column]) for row in self.rows)
            for column in range(len(self.columns))
        )


@dataclass(frozen=True, slots=True)
class Text:
    """Preformatted lines."""

    title: str
    lines: tuple[str, ...]


Part = Picture | Table | Text


@dataclass(frozen=True, slots=True)
class Page:
    """The contents of a report, as plain text, which is escaped."""

    title: str  # "digits: 3 variants compared"
    verdict: str  # one sentence with numbers
    facts: tuple[tuple[str, str], ...]  # label and value: parameters, examples, seconds …
    parts: tuple[Part, ...]
    spec: str  # its text
    commands: tuple[str, ...]  # how to reproduce it


def graph_part(diagram: Diagram, caption: str = "") -> Part:
    """Return a computational graph as a part of a page, unless it is too large for one."""
    if len(diagram.nodes) > _MAX_NODES:
        return Text("The computational graph", ("It is large: nndsl graph draws it.",))
    return Picture("The computational graph", DiagramPicture(diagram).element, caption)


def write_page(page: Page, path: Path) -> None:
    """Write the page in one step. The bytes depend on the page alone. OSError if that fails."""
    with defer_interrupts():
        write_text(path, render_page(page))


def render_page(page: Page) -> str:
    """Return the page as one HTML text."""
    style = read_text("templates", "report.css") + read_text(*STYLE) + _sizes(page.parts)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _template()(
        page=page,
        groups=_groups(page.parts),
        spec=highlight(page.spec),
        style=style,
        style_hash=f"sha256-{digest}",
        version=__version__,
        long=_LONG,
        language=chosen_language(),
    )


def _sizes(parts: tuple[Part, ...]) -> str:
    """Return the CSS rules that keep text in pictures legible, and of one size."""
    pictures = [part for part in parts if isinstance(part, Picture)]
    return "".join(
        f".w{inches} svg {{ min-width: {_MIN_DPI * inches if wide else 0}px;"
        f" max-width: {_MAX_DPI * inches}px; }}\n"
        for inches, wide in sorted({(picture.inches, picture.is_wide) for picture in pictures})
    )


def _groups(parts: tuple[Part, ...]) -> list[tuple[str, list[Part]]]:
    """Return the parts by kind; successive pictures form a group, and share a row."""
    groups: list[tuple[str, list[Part]]] = []
    for part in parts:
        kind = type(part).__name__.lower()
        if not groups or groups[-1][0] != kind or kind != "picture":
            groups.append((kind, []))
        groups[-1][1].append(part)
    return groups


@lru_cache(maxsize=1)
def _template() -> Callable[..., str]:
    from jinja2 import pass_context
    from markupsafe import Markup

    reads = environment(autoescape=True)

    @pass_context  # without it headings would be translated once, for all pages
    def said_here(_: Any, text: str) -> str:
        return said(text)

    @pass_context
    def cell_here(_: Any, text: str) -> str:
        return said(text) if isinstance(text, Sentence) or len(text) > _LONG else text

    def inline(picture: Picture) -> Any:
        label = said(picture.title)
        label += f". {said(picture.caption)}" if picture.caption else ""
        named = Markup('<svg role="img" aria-label="{}"').format(label)
        return Markup(picture.svg.replace("<svg", named, 1))

    def breakable(text: str) -> Any:
        return Markup("_<wbr>").join(text.split("_"))

    reads.filters |= {
        "inline": inline,
        "markup": Markup,
        "breakable": breakable,
        "said": said_here,
        "cell": cell_here,
    }
    return reads.from_string(read_text("templates", "report.html.jinja")).render
