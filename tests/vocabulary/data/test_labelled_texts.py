"""Texts with classes: what becomes of their words, in training and in answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.data import DataError
from nndsl.vocabulary.data.labelled_texts import LabelledTexts

ROWS = """review,mood
"Good soup, good bed.",content
Bad soup,angry
"No soup at all, and a cold bed",angry
Good!,content
"""
PAGE = """
    data = labelled_texts("t.csv", text="review", target="mood", length=5, vocab_size=4)
    network { embedding(3); gru(3); dense(classes) }
    train { loss = softmax_cross_entropy; optimizer = adam(lr=0.05) }
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "t.csv").write_text(ROWS, "utf-8")
    (tmp_path / "t.nn").write_text(PAGE, "utf-8")
    return tmp_path / "t.nn"


def test_frequent_words_are_tokens_and_others_are_unknown(page: Path) -> None:
    model = nndsl.load(page)
    assert model.spec.description.words == ("", "<unknown>", "good", "soup", ",", "bed")
    X, t = model.data()["training"]
    rows = {tuple(row): target for row, target in zip(X.tolist(), t.tolist(), strict=True)}
    assert rows == {
        (2, 3, 4, 2, 5): 1,  # cut behind the fifth word
        (1, 3, 0, 0, 0): 0,
        (1, 3, 1, 1, 4): 0,
        (2, 1, 0, 0, 0): 1,
    }


def test_a_header_with_spaces_and_lines_of_spaces(page: Path) -> None:
    known = nndsl.load(page).data()["training"]
    rows = ROWS.replace("review,mood", "review , mood ").replace("Bad", "   \nBad")
    (page.parent / "t.csv").write_text(rows, "utf-8")
    for found, expected in zip(nndsl.load(page).data()["training"], known, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_answers_take_texts_as_training_did(page: Path, tmp_path: Path) -> None:
    model = nndsl.load(page)
    (tmp_path / "new.csv").write_text("mood,review\n,Good soup\n,bad dragons\n", "utf-8")
    of_file = model.answer(tmp_path / "new.csv")
    of_texts = model.answer(["Good soup", "bad dragons"])
    of_tokens = model.predict(np.array([[2, 3, 0, 0, 0], [1, 1, 0, 0, 0]]))
    assert of_file.names == ("angry", "content")
    np.testing.assert_array_equal(of_file.scores, of_texts.scores)
    np.testing.assert_array_equal(of_texts.classes, of_tokens.argmax(axis=1))


@pytest.mark.parametrize(
    ("arguments", "table", "message"),
    [
        ({}, ROWS, "there is no column `text`"),
        ({"text": "review", "target": "word"}, ROWS, "there is no column `word`"),
        ({"text": "a", "target": "b"}, "a,b\nfine,x\n,y\n", "line 3 of `t.csv` has nothing in `a`"),
        ({"text": "a", "target": "b"}, "a,b\nfine,\n", "line 2 of `t.csv` has nothing in `b`"),
        ({"text": "a", "target": "b"}, "a,b\nfine, very,x\n", "line 2 of `t.csv` has 3 values"),
        ({"text": "a", "target": "b"}, "a,b\n", "no rows below its header"),
    ],
)
def test_what_is_wrong_in_a_table_is_said(
    arguments: dict[str, str], table: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(table, "utf-8")
    with pytest.raises(DataError, match=message):
        LabelledTexts(file="t.csv", **arguments).describe(tmp_path)
