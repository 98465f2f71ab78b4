"""Where characters stand: columns of a text, lines of some width, spaces between two scripts."""

import textwrap
from collections.abc import Iterator

NOT_FIRST = "、。，．,.:;?!）」』】)]}〉》・ー々"  # no line begins with one of these
NOT_LAST = "（「『【([{〈《"  # and none ends with one of these


def width(text: str) -> int:
    """Return how many columns a text takes: a character of East Asian scripts takes two."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    from unicodedata import east_asian_width  # of which English has no need

    return 2 if east_asian_width(character) in "WF" else 1


def pad(text: str, columns: int) -> str:
    """Return a text with spaces behind it, so that it takes so many columns."""
    return text + " " * (columns - width(text))


def wrap(text: str, columns: int, *, on_hyphens: bool = True) -> list[str]:
    """Return the lines of a text that take at most so many columns each.

    Between characters of East Asian scripts a line may end anywhere, but before no closing mark.
    """
    if width(text) == len(text):
        return textwrap.wrap(text, columns, break_on_hyphens=on_hyphens)
    lines = [""]
    for piece in _pieces(text):
        line = lines[-1] + piece
        if width(line.rstrip()) <= columns or not lines[-1]:
            lines[-1] = line
        else:
            lines[-1] = lines[-1].rstrip()
            lines.append(piece.lstrip())
    return lines


def _pieces(text: str) -> Iterator[str]:
    """Yield the parts of a text between which a line may end."""
    piece = ""
    for character, following in zip(text, [*text[1:], " "], strict=True):
        piece += character
        is_end = character == " " or _width(character) == 2 or _width(following) == 2
        if is_end and following not in NOT_FIRST and following != " " and character not in NOT_LAST:
            yield piece
            piece = ""
    if piece:
        yield piece
