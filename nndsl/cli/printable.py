"""How texts look on a terminal."""

from __future__ import annotations

import re

_CONTROL_PICTURES = 0x2400  # U+2400 …: a picture for each control character


def printable(text: str) -> str:
    """Return a text that changes nothing on a terminal but what it shows: no control characters."""
    return text if text.isprintable() else "".join(map(_picture, text))


def printable_lines(text: str) -> str:
    """Return a text of lines that does nothing else on a terminal but to show them."""
    return "".join(
        part if part in "\n\t" else printable(part) for part in re.split("([\n\t])", text)
    )


def display_width(text: str) -> int:
    """Return the number of columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _picture(character: str) -> str:
    if character.isprintable():
        return character
    return chr(_CONTROL_PICTURES + ord(character)) if character < " " else "\ufffd"
