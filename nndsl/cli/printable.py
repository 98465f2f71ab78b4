"""Text on a terminal: without control characters, and its width."""

import re

_CONTROL_PICTURES = 0x2400  # U+2400 …: a picture for each control character


def printable(text: str) -> str:
    """Return a text with its control characters replaced by pictures of them."""
    return text if text.isprintable() else "".join(map(_picture, text))


def printable_lines(text: str) -> str:
    """Return a text of several lines without control characters but line ends and tabs."""
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
