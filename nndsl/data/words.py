"""Words and marks of a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from nndsl.data import DataError
from nndsl.data.table import readable

PATTERN = r"\w+|[^\w\s]"  # a word, or a mark such as a full stop


def words_of(text: str) -> list[str]:
    """Return the words and the marks of a text, in small letters."""
    return re.findall(PATTERN, text.lower())


PADDING, UNKNOWN = "", "<unknown>"  # the first two words of a vocabulary of texts with classes


def word_encoder(words: Sequence[str], length: int) -> Callable[[str], list[int]]:
    """Return what finds the places of a text's words in `words`: filled up by 0, or cut."""
    place = {word: number for number, word in enumerate(words)}
    unknown = place[UNKNOWN]

    def encode(text: str) -> list[int]:
        tokens = [place.get(word, unknown) for word in words_of(text)]
        return (tokens + [0] * length)[:length]

    return encode


def read_text(path: Path, name: str) -> str:
    """Return the text in a file called `name`. DataError where it is none, or cannot be read."""
    try:
        with readable(name, "file"):
            return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = f"`{name}` is no text in UTF-8: byte {error.start:_} does not fit"
        raise DataError(wrong, "save it in UTF-8", "file") from None
