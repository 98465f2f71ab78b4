"""Words and marks of a text."""

from __future__ import annotations

import re

PATTERN = r"\w+|[^\w\s]"  # a word, or a mark such as a full stop


def words_of(text: str) -> list[str]:
    """Return the words and the marks of a text, in small letters."""
    return re.findall(PATTERN, text.lower())
