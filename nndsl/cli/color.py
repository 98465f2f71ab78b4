"""Colours on a terminal."""

import os
from collections.abc import Callable
from typing import TextIO

Paint = Callable[[str, str], str]  # (text, name of a style) -> coloured text

CHOICES = ("auto", "always", "never")
_STYLES = {
    "error": "1;31",
    "warning": "1;35",  # yellow is illegible on white, and blue on black
    "frame": "2",
    "help": "1",
    "title": "1",
    "good": "32",
    "faint": "2",
}
_choice = "auto"


def choose(choice: str) -> None:
    """Set the choice of `--color` for the whole process."""
    global _choice
    _choice = choice


def painter(stream: TextIO) -> Paint:
    """Return the function that colours text for a stream, or leaves it as it is.

    `--color` decides; then NO_COLOR, then FORCE_COLOR, if they are set and not empty; then whether
    the stream is a terminal with colours.
    """
    return colored if _is_colored(stream) else plain


def colored(text: str, style: str) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if text else ""


def plain(text: str, style: str) -> str:
    return text


def _is_colored(stream: TextIO) -> bool:
    if _choice != "auto":
        return _choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
