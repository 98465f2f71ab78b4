"""What a picture is made of: boxes, lines and texts at places, and how wide a text is."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Literal

from nndsl.record import record

WIDTH = 0.62  # of a character, in the size of its font: of common monospaced fonts the widest
WIDE = 1.15  # of a Chinese or Japanese one
OTHER = 1.0  # of an arrow, a mark of mathematics …
ROUNDING = 0.01  # pixels
ELLIPSIS = "…"
MAX_LINES = 9  # of a text that is wrapped
Direction = Literal["right", "down", "left"]
Anchor = Literal["start", "middle", "end"]


@record
class Box:
    """A rectangle with round corners: of what kind, and from which moment on it is there."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    round: float = 6
    moment: int = 0


@record
class Text:
    """A line of text; `x` is where it starts, its middle or its end, `y` the line it stands on."""

    x: float
    y: float
    text: str
    size: float
    kind: str
    anchor: Anchor = "start"
    moment: int = 0
    box: Box | None = None  # that it stands in

    @property
    def left(self) -> float:
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        return self.x - shift * self.width

    @property
    def width(self) -> float:
        return text_width(self.text, self.size)


@record
class Line:
    """A line or a curve, as SVG describes paths; `head` is the end of its arrow, and its way."""

    path: str
    head: tuple[float, float, Direction] | None = None
    bridge: str = ""  # its part that goes over others, which have a gap there


@record
class Dot:
    """Where a line forks: lines that cross without one do not meet."""

    x: float
    y: float


@record
class Drawing:
    """A picture of a size in pixels."""

    title: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    texts: tuple[Text, ...]
    dots: tuple[Dot, ...]
    moments: int  # how many steps there are, forward and back


def text_width(text: str, size: float) -> float:
    """Return how wide a text is at most, in a monospaced font of a size in pixels."""
    return size * sum(_character_width(character) for character in text)


def _character_width(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return WIDE
    return WIDTH if character < "\u0600" else OTHER  # from here on another font may have it


def shortened(text: str, size: float, width: float) -> str:
    """Return as much of a text as fits into a width, with an ellipsis where it is cut."""
    if text_width(text, size) <= width + ROUNDING:
        return text
    while text and text_width(text + ELLIPSIS, size) > width:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def wrapped(text: str, size: float, width: float, indent: str = "  ") -> list[str]:
    """Return a text in lines that fit into a width; where one is broken, its rest is indented."""
    if "\n" in text:
        return [line for one in text.split("\n") for line in wrapped(one, size, width, indent)]
    lines: list[str] = []
    line = ""
    for glue, word in _words(text, size, width - text_width(indent, size)):
        longer = line + glue * bool(line.strip()) + word
        if not line.strip() or text_width(longer, size) <= width + ROUNDING:
            line = longer
        else:
            lines.append(line)
            line = indent + word
    lines.append(line)
    return [shortened(one, size, width) for one in lines]


def _words(text: str, size: float, width: float) -> Iterator[tuple[str, str]]:
    """Yield the words of a text, each with what stands before it; long ones break behind a `(`."""
    for word in text.split():
        pieces = [word]
        if text_width(word, size) > width:
            pieces = re.findall(r"[^(]*\(|[^(]+", word)
        yield " ", pieces[0]
        yield from (("", piece) for piece in pieces[1:])


def fitted(texts: Sequence[str], size: float, width: float) -> list[str]:
    """Return texts in lines that fit into a width, not more than a reader wants to see."""
    lines = [line for text in texts for line in wrapped(text, size, width)]
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES - 1], ELLIPSIS]
    return lines


def px(number: float) -> str:
    """Return a coordinate of a path, to a tenth of a pixel."""
    return f"{number:.1f}".removesuffix(".0")
