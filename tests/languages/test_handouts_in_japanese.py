"""Handouts in Japanese: derivations, questions and answers, and what stands around them."""

from __future__ import annotations

from pathlib import Path

import pytest
from catalogues import require_entries

from nndsl.analysis.compile import analyse
from nndsl.course.handouts.page import render_handout
from nndsl.course.handouts.script import write_handout
from nndsl.diagnostics import Diagnostics
from nndsl.languages import in_language
from nndsl.source import Source

SPECS = Path(__file__).parents[2] / "specs"
CHAPTERS = """
data = digits(images=true, validation=0.1, test=0.2)
network {
  conv2d(4, kernel=3); relu; max_pool(2); flatten
  dense(20); batch_norm; relu; dense(20); sigmoid; dropout(0.2); dense(20); tanh; dense(10)
}
train { loss = softmax_cross_entropy; optimizer = OPTIMIZER(lr=0.1) }
"""
OPTIMIZERS = ("sgd", "momentum", "adagrad", "rmsprop", "adam")


def _page(text: str) -> str:
    checked = analyse(Source("page.nn", text), Diagnostics(), {})
    return render_handout(write_handout(checked), answers=True)


def _all() -> None:
    for optimizer in OPTIMIZERS:
        _page(CHAPTERS.replace("OPTIMIZER", optimizer))
    _page((SPECS / "sine.nn").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_every_sentence_of_a_handout_is_translated(
    monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    require_entries("ja", _all, monkeypatch, pytestconfig)


def test_a_page_says_its_language() -> None:
    text = CHAPTERS.replace("OPTIMIZER", "sgd")
    with in_language("ja"):
        page = _page(text)
    assert '<html lang="ja">' in page
    assert "導出：<code>dense" in page
    assert "計算グラフ" in page
    assert "Why?" not in page
    assert '<html lang="en">' in _page(text)
