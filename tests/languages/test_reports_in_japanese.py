"""Reports of runs in Japanese."""

from __future__ import annotations

from nndsl.languages import in_language
from nndsl.report.page import Page, Text, render_page

VERDICT = (
    "Test accuracy 0.9 after 3 epochs; best validation accuracy 0.8 at epoch 2. Nobody wrote this."
)


def test_a_page_is_said_sentence_by_sentence() -> None:
    page = Page(
        "a: 3 epochs of training", VERDICT, (("seed", "0"),), (Text("Loss", ()),), "network", ()
    )
    assert VERDICT in render_page(page)
    with in_language("ja"):
        text = render_page(page)
    assert '<html lang="ja">' in text
    assert "検証データの認識精度はエポック 2 の 0.8 が最良である。Nobody wrote this." in text
    assert "<dt>シード</dt>" in text
    assert "<h2>損失</h2>" in text
    assert "スペック" in text  # a word of the template, which is compiled once
    assert "The spec" in render_page(page)
