"""What is coloured can be read on a light and on a dark terminal."""

from __future__ import annotations

import re

import pytest

from nndsl.cli.color import colored

# Red and magenta, bold, in xterm, in Terminal of macOS and in a console of Windows.
SHOWN = {"31": ("#cd0000", "#fc391f", "#e74856"), "35": ("#cd00cd", "#d338d3", "#b4009e")}


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("style", ["error", "warning", "frame", "help", "title", "faint"])
def test_words_can_be_read_on_black_and_on_white(style: str) -> None:
    """They have the colour of the text, brighter or fainter, or one that both backgrounds bear."""
    found = re.match(r"\x1b\[([\d;]+)m", colored("x", style))
    assert found is not None
    for code in set(found[1].split(";")) - {"1", "2"}:
        for color in SHOWN[code]:
            own = luminance(color) + 0.05
            assert min(own / 0.05, 1.05 / own) >= 3, color
