"""The difference of two texts, line by line, as `diff -u` shows it."""

from __future__ import annotations

import difflib
import sys

from nndsl.cli.color import painter

_STYLES = {"-": "error", "+": "good", "@": "help"}


def print_difference(before: str, after: str, name: str, new_name: str) -> None:
    """Print what changes between two texts; `patch` can read it."""
    paint = painter(sys.stdout)
    lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for line in difflib.unified_diff(*lines, name, new_name):
        text, style = line.removesuffix("\n"), _STYLES.get(line[0])
        print(paint(text, style) if style else text)
        if text == line:
            print("\\ No newline at end of file")
