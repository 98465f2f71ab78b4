"""A report: one self-contained HTML page, which needs no network and no script to be read."""

from __future__ import annotations

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
from nndsl.files import write_text
from nndsl.report.highlighting import highlight
from nndsl.report.interrupts import defer_interrupts
from nndsl.resources import read_text

NAME = "report.html"  # of a page, in the folder that it is about
_WIDE = 7  # inches: a picture of more than six takes the whole width of the page
_SMALLEST, _LARGEST = 65, 100  # pixels an inch: words of 10 points are 9 to 14 pixels high
_LONG = 40  # characters: a longer cell has lines
_VIEW_BOX = re.compile(r'viewBox="0 [\d.]+ ([\d.]+) [\d.]+"')
_AMOUNT = r"[-+]?[\d.,_]*\d[\d.,_]*(e[-+]?\d+)?"
_NUMBER = re.compile(rf"{_AMOUNT}( ± {_AMOUNT})?( ?[%a-zA-Z]{{1,2}})?|[-–]|nan|inf|")


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure: an `<svg>` element as `drawing.save` returns it, and what it shows."""

    title: str
    svg: str
    caption: str = ""

    @property
    def inches(self) -> int:
        """How wide it was drawn, rounded up."""
        size = _VIEW_BOX.search(self.svg)
        return math.ceil(float(size[1]) / 72) if size else 1

    @property
    def is_wide(self) -> bool:
        return self.inches >= _WIDE


@dataclass(frozen=True, slots=True)
class Table:
    """Cells are plain text. A column of numbers is set to the right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Whether each column holds numbers alone."""
        return tuple(
            all(_NUMBER.fullmatch(row[column]) for row in self.rows)
            for column in range(len(self.columns))
        )


@dataclass(frozen=True, slots=True)
class Text:
    """Lines that keep their spaces."""

    title: str
    lines: tuple[str, ...]


Part = Picture | Table | Text


@dataclass(frozen=True, slots=True)
class Page:
    """What a report says, as plain text: whatever looks like markup in it is escaped."""

    title: str  # "digits: 3 variants compared"
    verdict: str  # one sentence with numbers
    facts: tuple[tuple[str, str], ...]  # label and value: parameters, examples, seconds …
    parts: tuple[Part, ...]
    spec: str  # its text
    commands: tuple[str, ...]  # how to reproduce it


def write_page(page: Page, path: Path) -> None:
    """Write the page in one step. Same page, same bytes. OSError where that fails."""
    with defer_interrupts():
        write_text(path, render_page(page))


def render_page(page: Page) -> str:
    """Return the page as one HTML text."""
    style = read_text("templates", "report.css") + _sizes(page.parts)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _template()(
        page=page,
        groups=_groups(page.parts),
        spec=highlight(page.spec),
        style=style,
        style_hash=f"sha256-{digest}",
        version=__version__,
        long=_LONG,
    )


def _sizes(parts: tuple[Part, ...]) -> str:
    """Return the rules that keep the words of pictures legible, and of one size."""
    pictures = [part for part in parts if isinstance(part, Picture)]
    return "".join(
        f".w{inches} svg {{ min-width: {_SMALLEST * inches if wide else 0}px;"
        f" max-width: {_LARGEST * inches}px; }}\n"
        for inches, wide in sorted({(picture.inches, picture.is_wide) for picture in pictures})
    )


def _groups(parts: tuple[Part, ...]) -> list[tuple[str, list[Part]]]:
    """Return the parts by kind, those that follow each other together: pictures share a row."""
    groups: list[tuple[str, list[Part]]] = []
    for part in parts:
        kind = type(part).__name__.lower()
        if not groups or groups[-1][0] != kind or kind != "picture":
            groups.append((kind, []))
        groups[-1][1].append(part)
    return groups


@lru_cache(maxsize=1)
def _template() -> Callable[..., str]:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )

    def inline(picture: Picture) -> Any:
        label = f"{picture.title}. {picture.caption}" if picture.caption else picture.title
        named = Markup('<svg role="img" aria-label="{}"').format(label)
        return Markup(picture.svg.replace("<svg", named, 1))

    def breakable(text: str) -> Any:
        return Markup("_<wbr>").join(text.split("_"))

    environment.filters |= {"inline": inline, "markup": Markup, "breakable": breakable}
    return environment.from_string(read_text("templates", "report.html.jinja")).render
