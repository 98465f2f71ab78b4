"""Pairs of neighbouring words, and of words that are drawn."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import nndsl
from nndsl.data import DataError
from nndsl.vocabulary.data.skip_grams import SkipGrams

TEXT = "a b a b c"
PAGE = """
    data = skip_grams("t.txt", window=2, negatives=50)
    network { input word; input context; a = embedding(word, 3); b = embedding(context, 3);
              x = flatten(a); y = flatten(b); dot(x, y) }
    train { loss = binary_cross_entropy; optimizer = adam; seed = 1 }
"""


def test_neighbours_are_pairs_both_ways_and_others_are_drawn(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text(TEXT, "utf-8")
    (tmp_path / "t.nn").write_text(PAGE, "utf-8")
    model = nndsl.load(tmp_path / "t.nn")
    ((X, t),) = model.data().values()
    words = model.spec.description.words
    pairs = Counter(
        (words[w], words[c], bool(near))
        for w, c, near in zip(X["word"][:, 0], X["context"][:, 0], t[:, 0], strict=True)
    )
    assert model.spec.description.examples == pairs.total() == 14 * 51
    near = {w + c: n for (w, c, is_near), n in pairs.items() if is_near}
    assert near == {"ab": 3, "ba": 3, "bc": 1, "cb": 1, "aa": 2, "bb": 2, "ac": 1, "ca": 1}
    drawn = Counter[str]()
    for (_, context, is_near), count in pairs.items():
        drawn[context] += 0 if is_near else count
    expected = 2**0.75 / (2 * 2**0.75 + 1)  # a and b stand twice, c once
    assert drawn["a"] / drawn.total() == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("a b", {"window": 2}, "has 2 words, and a window of 2 more"),
        ("a b c", {"negatives": 10_000_000}, "take|pairs, more than"),
    ],
)
def test_what_cannot_be_paired(
    text: str, arguments: dict[str, int], message: str, tmp_path: Path
) -> None:
    (tmp_path / "t.txt").write_text(text, "utf-8")
    with pytest.raises(DataError, match=message):
        SkipGrams(file="t.txt", **arguments).describe(tmp_path)


def test_what_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="no text in UTF-8: byte 0"):
        SkipGrams(file="t.txt").describe(tmp_path)
