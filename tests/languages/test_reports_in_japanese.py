"""Reports of runs in Japanese."""

from __future__ import annotations

import re

import pytest

from nndsl.languages import in_language
from nndsl.live.baseline import Baseline
from nndsl.live.model import History
from nndsl.report.page import Page, Text, render_page
from nndsl.report.verdict import Ending, doubt_of_few, verdict

SAID = "3 of 5 are shown. Nobody wrote this."
NAMES = re.compile(r"`[^`]*`|balanced_accuracy|Wilson|NaN|W1")


def test_a_page_is_said_sentence_by_sentence() -> None:
    page = Page("a: 3 epochs of training", SAID, (("seed", "0"),), (Text("Loss", ()),), "", ())
    assert SAID in render_page(page)
    with in_language("ja"):
        text = render_page(page)
    assert '<html lang="ja">' in text
    assert "5 個のうち 3 個を示す。Nobody wrote this." in text
    assert "<dt>シード</dt>" in text
    assert "<h2>損失</h2>" in text


def _history(losses: list[float], validation: list[float], share: float, kept: int) -> History:
    rows = [
        {"epoch": epoch, "loss": loss, "training_accuracy": 1 - loss / 4}
        | {"validation_loss": other, "validation_accuracy": share - other / 10}
        for epoch, (loss, other) in enumerate(zip(losses, validation, strict=True), 1)
    ]
    test = {"test_loss": validation[-1], "test_accuracy": share}
    constant = {"training_loss": 2.3} | dict.fromkeys(test, 2.0 - share) | {"test_loss": 2.3}
    baseline = Baseline("how often each class occurs", constant | {"test_accuracy": 0.5}, False)
    return History(rows, test, kept or None, [baseline])


FALLING, RISING = [2.0, 1.5, 1.0, 0.7, 0.4, 0.2], [2.0, 1.0, 0.9, 1.1, 1.4, 1.9]


@pytest.mark.parametrize(
    ("history", "ending"),
    [
        (_history(FALLING, FALLING, 0.9, 0), Ending(6)),
        (_history(FALLING, RISING, 0.9, 0), Ending(6)),
        (_history(FALLING, RISING, 0.9, 3), Ending(9)),
        (_history(FALLING, RISING, 0.3, 3), Ending(6)),
        (_history([2.3] * 6, [2.3] * 6, 0.3, 0), Ending(9, finished=False)),
        (_history(FALLING, FALLING, 0.9, 0), Ending(6, diverged="epoch 3: W1 is not finite")),
        (History(), Ending(6)),
    ],
)
def test_nothing_of_a_verdict_is_english(history: History, ending: Ending) -> None:
    with in_language("ja"):
        said = verdict(history, ending) + doubt_of_few(history, 100)
    assert said.endswith("。")
    assert not re.search("[A-Za-z]{2,}", NAMES.sub("", said)), said
    assert verdict(history, ending).isascii()
