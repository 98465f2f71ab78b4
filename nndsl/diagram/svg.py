"""A drawing as SVG: one file that needs nothing else, in light and dark."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from nndsl.diagram.drawing import Drawing, Line, Text
from nndsl.resources import read_text

HEADS = {"right": "l-7 -4v8z", "left": "l7 -4v8z", "down": "l-4 -7h8z"}
STYLE = ("templates", "graph.css")


def write_svg(drawing: Drawing, *, step: int | None = None, scale: float | None = None) -> str:
    """Return a drawing as an SVG file; of a `step`, what is known by then.

    With a `scale`, as an element of an HTML page, which has the style sheet, in other units.
    """
    size = [_number(length * (scale or 1)) for length in (drawing.width, drawing.height)]
    view = f'viewBox="0 0 {size[0]} {size[1]}"'
    inner = "\n".join(_elements(drawing, step))
    if scale is not None:
        return f'<svg class="graph" {view}><g transform="scale({scale})">{inner}</g></svg>'
    named = quoteattr(drawing.title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" aria-label={named} '
        f'{view} width="{size[0]}" height="{size[1]}">\n'
        f"<title>{escape(drawing.title)}</title>\n<style>\n{read_text(*STYLE)}</style>\n"
        f"{inner}\n</svg>\n"
    )


def _elements(drawing: Drawing, step: int | None) -> Iterator[str]:
    width, height = _number(drawing.width), _number(drawing.height)
    yield f'<rect class="ground" width="{width}" height="{height}"/>'
    for box in (box for box in drawing.boxes if box.kind == "copy"):
        yield _box(box.x, box.y, box.width, box.height, box.kind, box.round)
    for line in drawing.lines:
        yield from _line(line)
    for line in drawing.lines:
        yield from _head(line)
    for dot in drawing.dots:
        yield f'<circle cx="{_number(dot.x)}" cy="{_number(dot.y)}" r="3"/>'
    for box in drawing.boxes:
        if box.kind != "copy":
            kind = box.kind + _state(box.moment, step, hides=False)
            yield _box(box.x, box.y, box.width, box.height, kind, box.round)
    for text in drawing.texts:
        yield _text(text, step)


def _state(moment: int, step: int | None, *, hides: bool) -> str:
    """Return the class of what is known only later, or has just become known."""
    if step is None or not moment or moment < step:
        return ""
    return " now" if moment == step else " later" * hides


def _box(x: float, y: float, width: float, height: float, kind: str, round: float) -> str:
    place = f'x="{_number(x)}" y="{_number(y)}"'
    size = f'width="{_number(width)}" height="{_number(height)}"'
    return f'<rect class="{kind}" {place} {size} rx="{_number(round)}"/>'


def _line(line: Line) -> Iterator[str]:
    if line.bridge:
        yield f'<path class="bridge" d="{line.bridge}"/>'
    yield f'<path d="{line.path}"/>'


def _head(line: Line) -> Iterator[str]:
    if line.head is not None:
        x, y, direction = line.head
        yield f'<path class="head" d="M{_number(x)} {_number(y)}{HEADS[direction]}"/>'


def _text(text: Text, step: int | None) -> str:
    is_number = text.kind in ("forward", "backward")
    kind = text.kind + (_state(text.moment, step, hides=True) if is_number else "")
    kind += " over" * (text.box is None)
    anchor = f' text-anchor="{text.anchor}"' if text.anchor != "start" else ""
    place = f'x="{_number(text.x)}" y="{_number(text.y)}" font-size="{_number(text.size)}"'
    return f'<text class="{kind}" {place}{anchor}>{escape(text.text)}</text>'


def _number(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
