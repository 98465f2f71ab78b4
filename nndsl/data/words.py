"""Words and marks of a text."""

import re
from collections.abc import Callable, Sequence

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
