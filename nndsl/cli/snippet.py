"""Pieces of a source with marks under them, as wide as they look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from nndsl.cli.color import Paint
from nndsl.cli.visible import visible, width_of
from nndsl.source import Source, Span

TAB = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A span to be marked, and what to say about it."""

    span: Span
    message: str = ""
    style: str = "frame"
    sign: str = "-"


def excerpt(marks: list[Mark], paint: Paint, width: int) -> Iterator[str]:
    """Yield the lines that show where the marks are; the first mark is the one it is about."""
    gutter = max(len(str(mark.span.line)) for mark in marks)
    bar = " " * (gutter + 1) + paint("|", "frame")
    sources: dict[Source, list[Mark]] = {}
    for mark in marks:
        sources.setdefault(mark.span.source, []).append(mark)
    for source, found in sources.items():
        arrow = "-->" if source is marks[0].span.source else ":::"
        first = found[0].span
        where = f"{visible(source.name)}:{first.line}:{first.column}"
        yield f"{' ' * gutter}{paint(arrow, 'frame')} {where}"
        yield bar
        lines: dict[int, list[Mark]] = {}
        for mark in found:
            lines.setdefault(mark.span.line, []).append(mark)
        last = min(lines)
        for number in sorted(lines):
            if number > last + 2:
                yield paint("…", "frame")
            elif number == last + 2:  # the line between takes no more room than a gap
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
    yield f"{paint(f'{number:>{gutter}} |', 'frame')} {line.text}".rstrip()
    for mark in marks:
        begin, end = line.columns(mark.span)
        signs = paint(mark.sign * max(1, end - begin), mark.style)
        said = f" {paint(visible(mark.message), mark.style)}" if mark.message else ""
        yield f"{' ' * (gutter + 1)}{paint('|', 'frame')} {' ' * begin}{signs}{said}"


class _Line:
    """A line as it is shown: clipped to a width around a span, tabs as blanks."""

    def __init__(self, source: Source, number: int, focus: Span, width: int) -> None:
        text = source.line(number)
        self._line_start = source.line_starts[number - 1]
        at = min(focus.start - self._line_start, len(text))
        self._cut = max(0, at - width) if len(text) > width else 0
        cells: list[str] = []
        column = 0
        for character in text[self._cut : self._cut + 3 * width]:
            cells.append(" " * (TAB - column % TAB) if character == "\t" else visible(character))
            column += width_of(cells[-1])
        self._starts = [0, *accumulate(map(width_of, cells))]
        self._left = 0
        if column > width:
            here = self._starts[at - self._cut]
            length = min(focus.end - focus.start, width // 2)
            self._left = max(0, min(here - width // 4, column - width + 1))
            if here + length < width:
                self._left = 0
        right = self._left + width - 1
        kept = [
            cell
            for cell, start, end in zip(cells, self._starts, self._starts[1:], strict=False)
            if start >= self._left and end <= right
        ]
        self._before = "…" if self._left or self._cut else ""
        after = "…" if column > right or self._cut + len(cells) < len(text) else ""
        self._left -= len(self._before)
        self._width = width
        self.text = f"{self._before}{''.join(kept)}{after}"

    def columns(self, span: Span) -> tuple[int, int]:
        """Return where a span begins and ends in the shown text, in columns."""
        return self._column(span.start), self._column(span.end)

    def _column(self, offset: int) -> int:
        position = offset - self._line_start - self._cut
        column = self._starts[max(0, min(position, len(self._starts) - 1))] - self._left
        return max(0, min(column, self._width - 1))
