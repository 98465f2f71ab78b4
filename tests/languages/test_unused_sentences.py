"""Sentences of a catalogue that nothing says any more."""

from __future__ import annotations

import ast
import errno
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from catalogues import read

import nndsl

PACKAGE = Path(nndsl.__file__).parent
TEXTS = (  # beside modules
    *("nndsl/**/*.toml", "nndsl/**/*.nn", "nndsl/**/*.md", "templates/*"),
    *("nndsl/play/web/src/*.js", "nndsl/play/page/index.html"),
)
SHORT = 4  # words: less are put together of names, of measures say
TORN = 1 / 3  # cuts for each word, at most
PROSE = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")
SYSTEM = {  # says so itself; `open` as written here, numpy and others in small letters
    *(os.strerror(number) for number in errno.errorcode),
    *(os.strerror(number).lower() for number in errno.errorcode),
    "Name or service not known",
    "Temporary failure in name resolution",
}
PUT_TOGETHER = {  # of pieces so short that they say nothing
    "its process ended: exit code {code}",
    "1 spec is formatted already",
    "Dead units before training: none.",
    "`x` stands 3 times in the forward pass",
    "its last line says what an example costs: loss = …",
}


@pytest.mark.slow
def test_every_sentence_is_of_the_package() -> None:
    unused = {message.id for message in read("ja") if message.id and not is_said(message.id)}
    assert unused - SYSTEM == PUT_TOGETHER, "take those out that nothing says any more"


def test_a_sentence_that_nobody_says() -> None:
    assert is_said("there is no file `{path}`")
    assert not is_said("choose a smaller zebra, or paint it longer")


def is_said(sentence: str) -> bool:
    """Whether the words between the values of a sentence stand together in the package.

    An f-string there may have more values than a sentence, which is then cut. Many cuts say that
    its words merely occur; of a sentence whose words are frequent that is not seen.
    """
    between = [piece.split() for piece in re.split(r"\{\w+\}", sentence)]
    words, cuts = sum(map(len, between)), sum(_runs(piece) - 1 for piece in between if piece)
    return words < SHORT or not PROSE.search(sentence) or cuts / words <= TORN


def _runs(words: list[str]) -> int:
    """Return in how many pieces some words stand in the package."""
    runs = begin = 0
    while begin < len(words):
        ends = range(len(words), begin, -1)
        begin = next((end for end in ends if " ".join(words[begin:end]) in _package()), begin + 1)
        runs += 1
    return runs


@cache
def _package() -> str:
    """Return every text of the package, in lines of their own."""
    return "\n".join(" ".join(text.split()) for text in _texts())


def _texts() -> Iterator[str]:
    for pattern in TEXTS:
        for path in PACKAGE.parent.glob(pattern):
            yield re.sub(r"\n *# *", " ", path.read_text(encoding="utf-8"))  # comments are whole
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
