"""Between offsets in a text and the protocol's lines and columns."""

import re
from bisect import bisect_right

from lsprotocol import types

from nndsl.source import Span

Encoding = types.PositionEncodingKind | str


class Lines:
    """The lines of a text, whose columns count units of the encoding that client and server use.

    A line ends in a line feed, a carriage return or both; nothing else ends one.
    """

    def __init__(self, text: str, encoding: Encoding = types.PositionEncodingKind.Utf16) -> None:
        self.text = text
        self._encoding = encoding
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]

    def position(self, offset: int) -> types.Position:
        """Return the position of an offset."""
        line = bisect_right(self._starts, offset) - 1
        before = self.text[self._starts[line] : offset]
        return types.Position(line, self.units(before))

    def offset(self, position: types.Position) -> int:
        """Return the offset of a position; what is beyond its line, or the text, is its end."""
        if position.line >= len(self._starts):
            return len(self.text)
        start = self._starts[position.line]
        line = re.compile(r"[^\r\n]*").match(self.text, start)
        units = 0
        for at, character in enumerate(line[0] if line else ""):
            if units >= position.character:
                return start + at
            units += self.units(character)
        return line.end() if line else start

    def range(self, start: int, end: int) -> types.Range:
        """Return the range between two offsets."""
        return types.Range(self.position(start), self.position(end))

    def of(self, span: Span) -> types.Range:
        """Return the range of a span."""
        return self.range(span.start, span.end)

    def units(self, text: str) -> int:
        """Return the length of a text."""
        match self._encoding:
            case types.PositionEncodingKind.Utf8:
                return len(text.encode(errors="surrogatepass"))
            case types.PositionEncodingKind.Utf32:
                return len(text)
        return len(text) + sum(character > "\uffff" for character in text)
