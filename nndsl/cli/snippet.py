"""Excerpts of a source with marks under them, aligned by display width."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from nndsl.cli.color import Paint
from nndsl.cli.printable import display_width, printable
from nndsl.source import Source, Span

TAB = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A span to mark, with a message."""

    span: Span
    message: str = ""
    style: str = "frame"
    sign: str = "-"


def excerpt(marks: list[Mark], paint: Paint, width: int) -> Iterator[str]:
    """Yield the source lines with their marks, of which the first is the main one."""
    gutter = max(len(str(mark.span.line)) for mark in marks)
    bar = " " * (gutter + 1) + paint("|", "frame")
    sources: dict[Source, list[Mark]] = {}
    for mark in marks:
        sources.setdefault(mark.span.source, []).append(mark)
    for source, found in sources.items():
        arrow = "-->" if source is marks[0].span.source else ":::"
        first = found[0].span
        where = printable(first.place)
        yield f"{' ' * gutter}{paint(arrow, 'frame')} {where}"
        yield bar
        lines: dict[int, list[Mark]] = {}
        for mark in found:
            lines.setdefault(mark.span.line, []).append(mark)
        last = min(lines)
        for number in sorted(lines):
            if number > last + 2:
                yield paint("…", "frame")
            elif number == last + 2:  # the line between is as short as a gap
                yield from _marked(source, number - 1, [], gutter, paint, width)
            yield from _marked(source, number, lines[number], gutter, paint, width)
            last = number


def _marked(
    source: Source, number: int, marks: list[Mark], gutter: int, paint: Paint, width: int
) -> Iterator[str]:
    start = source.line_starts[number - 1]
    line = _Line(
        source, number, marks[0].span if marks else Span(source, start, start), width - gutter - 3
    )
    shown = "" if source.is_option else number
    yield f"{paint(f'{shown:>{gutter}} |', 'frame')} {line.text}".rstrip()
    for mark in marks:
        begin, end = line.columns(mark.span)
        signs = paint(mark.sign * max(1, end - begin), mark.style)
        message = f" {paint(printable(mark.message), mark.style)}" if mark.message else ""
        yield f"{' ' * (gutter + 1)}{paint('|', 'frame')} {' ' * begin}{signs}{message}"


class _Line:
    """A line for display: tabs are expanded, and it is clipped to a width around a span."""

    def __init__(self, source: Source, number: int, focus: Span, width: int) -> None:
        text = source.line(number)
        start = source.line_starts[number - 1]
        at = min(focus.start - start, len(text))
        cut = max(0, at - width)  # a line may be very long
        cells = _cells(text[cut : at + width])
        widths = list(map(display_width, cells))
        at -= cut
        left, right = 0, len(cells)
        if sum(widths) > width or cut or cut + len(cells) < len(text):
            left, right = _window(widths, at, width - 2)  # `…` on either side
        self._before = "…" if left or cut else ""
        after = "…" if cut + right < len(text) else ""
        self.text = f"{self._before}{''.join(cells[left:right])}{after}"
        self._first = start + cut + left
        self._columns = [0, *accumulate(widths[left:right])]

    def columns(self, span: Span) -> tuple[int, int]:
        """Return the first column of a span in the displayed text, and the one after it."""
        return self._column(span.start), self._column(span.end)

    def _column(self, offset: int) -> int:
        if offset < self._first:
            return 0
        shown = min(offset - self._first, len(self._columns) - 1)
        return len(self._before) + self._columns[shown]


def _cells(text: str) -> list[str]:
    """Return the displayed text of each character."""
    cells: list[str] = []
    column = 0
    for character in text:
        cells.append(" " * (TAB - column % TAB) if character == "\t" else printable(character))
        column += display_width(cells[-1])
    return cells


def _window(widths: list[int], at: int, room: int) -> tuple[int, int]:
    """Return the range of cells to show around one, with more of them after it than before."""
    left = right = at
    for most in (room * 3 // 4, room):
        while right < len(widths) and sum(widths[left : right + 1]) <= most:
            right += 1
        while left > 0 and sum(widths[left - 1 : right]) <= room:
            left -= 1
    return left, right
