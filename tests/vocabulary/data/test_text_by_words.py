"""Texts whose tokens are words, and windows whose middle is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.live.errors import ModelError
from nndsl.live.model import Model

TEXT = "The dog saw a cat. The cat saw the dog, and ran.\n" * 4
WORDS = (",", ".", "a", "and", "cat", "dog", "ran", "saw", "the")


def load(tmp_path: Path, arguments: str, layers: str) -> Model:
    (tmp_path / "pets.txt").write_text(TEXT, "utf-8")
    page = f"""
data = text("pets.txt", level=word, {arguments})
network {{ {layers}; dense(classes) }}
train {{ loss = softmax_cross_entropy; optimizer = adam(lr=0.02); epochs = 60; batch = 4 }}
"""
    (tmp_path / "pets.nn").write_text(page, "utf-8")
    return nndsl.load(tmp_path / "pets.nn")


def said(X: np.ndarray) -> str:
    return " ".join(WORDS[token] for token in X)


def test_words_and_marks_are_tokens(tmp_path: Path) -> None:
    model = load(tmp_path, "window=3, stride=1", "embedding(4); rnn(12, output=all)")
    assert model.spec.description.words == WORDS
    ((X, t),) = model.data().values()
    rows = {said(x): said(y) for x, y in zip(X, t, strict=True)}
    assert rows["the dog saw"] == "dog saw a"
    written = model.sample("The dog", 4).split()
    assert written[:2] == ["The", "dog"]
    assert len(written) == 6
    assert set(written[2:]) <= set(WORDS)
    with pytest.raises(ModelError, match="knows no 'mouse': its text has no such word"):
        model.sample("the mouse")


def test_the_middle_of_a_window(tmp_path: Path) -> None:
    given = "window=2, stride=1, targets=middle"
    model = load(tmp_path, given, "embedding(8); pool_positions")
    ((X, t),) = model.data().values()
    assert {said([x[0], y, x[1]]) for x, y in zip(X, t, strict=True)} >= {"the dog saw", "a cat ."}
    assert len(model.answer(["the saw", "a ran"])) == 2
    with pytest.raises(ModelError, match="does not go on with a text"):
        model.sample("the")


def test_weights_know_their_words(tmp_path: Path) -> None:
    model = load(tmp_path, "window=3", "embedding(4); rnn(5, output=all)")
    model.save(tmp_path / "w.npz")
    (tmp_path / "pets.txt").write_text(TEXT.replace("ran", "sat"), "utf-8")
    with pytest.warns(UserWarning, match="the text has the words"):
        nndsl.load(tmp_path / "pets.nn").restore(tmp_path / "w.npz")
