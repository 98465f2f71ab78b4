"""The difference of two texts, line by line, as `diff -u` shows it."""

from __future__ import annotations

import difflib
import sys
from io import StringIO

from nndsl.cli.color import painter
from nndsl.cli.visible import visible, visible_lines

_STYLES = {"-": "error", "+": "good", "@": "help"}


def print_difference(before: str, after: str, name: str, new_name: str) -> None:
    """Print what changes between two texts; `patch` can read it, where no terminal does."""
    paint = painter(sys.stdout)
    seen = visible_lines if sys.stdout.isatty() else str
    old, new = (StringIO(text, newline="\n").readlines() for text in (before, after))
    for line in difflib.unified_diff(old, new, visible(name), visible(new_name)):
        text, style = seen(line.removesuffix("\n")), _STYLES.get(line[0])
        shown = [paint(text, style) if style else text]
        shown += ["\\ No newline at end of file"] * (not line.endswith("\n"))
        _print("".join(f"{one}\n" for one in shown))


def _print(text: str) -> None:
    """Write to stdout: to a file in UTF-8, in which specs are, whatever the system speaks."""
    if sys.stdout.isatty():
        print(text, end="")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
