"""Messages of the terminal in Japanese: recognised as a whole, or said in English."""

from __future__ import annotations

import re
from pathlib import Path
from time import process_time

import pytest
from catalogues import require_messages, said_by, standing

import nndsl
from nndsl.cli import main
from nndsl.cli.color import plain
from nndsl.cli.formats import renderer
from nndsl.course.exercises.hints import hints
from nndsl.ir import parse_text
from nndsl.languages import in_language, translated
from nndsl.languages.messages import spaced
from nndsl.languages.widths import width

WRONG = """
network {
  input(64)
  dense(100, activation=relu)
  droput(0.5)
  dense(10)
}
"""
ENGLISH = re.compile(r"\b(?:an|and|as|from|has|in|is|it|not|of|or|the|to|with)\b")
WRITTEN = re.compile(r"`[^`]*`|\"[^\"]*\"|= \w+|\w+\([^)]*\)")  # as in a page
DIAGNOSTICS = Path(__file__).parents[1] / "golden" / "diagnostics"


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("unknown layer `rleu`", "`rleu` というレイヤはない"),
        (
            "`units` must be at least 1, and here it is -5",
            "`units` は 1 以上でなければならないが、-5 になっている",
        ),
        (
            "`input` says 64, and what comes in is 128",
            "`input` では 64 だが、入ってくるのは 128 である",
        ),
        ("gives 2 channels, 8 high and 4 wide", "出力は 2 チャンネル、高さ 8、幅 4"),
        ("there is no file `loss`", "ファイル `loss` がない"),  # a name is no word
        ("there are no such words here", "there are no such words here"),  # no half of a sentence
        ("something else", "something else"),
    ],
)
def test_a_message_is_recognised(english: str, japanese: str) -> None:
    assert translated(english) == english
    with in_language("ja"):
        assert translated(english) == japanese


def test_a_long_text_that_is_no_message_takes_no_time() -> None:
    text = "a b, " * 10_000
    with in_language("ja"):
        translated("warm")  # patterns are made once
        before = process_time()
        assert translated(text) == text
        assert process_time() - before < 0.5


def test_a_text_may_hold_any_character() -> None:
    """A student's script raises what it likes."""
    assert spaced("a\0b `c` d") == "a\ufffdb `c` d"


def test_findings() -> None:
    found = nndsl.check("page.nn", text=WRONG)
    with in_language("ja"):
        text = renderer("full")(found, ["page.nn"], plain)
    assert "エラー[NN202]: `dense` に引数 `activation` はない" in text
    assert "  = ヘルプ: `dropout` のことか？" in text
    assert text.endswith("エラー 2 件（うち 2 件は `nndsl check --fix` で直せる）")


@pytest.mark.slow
def test_what_wrong_pages_are_told(
    monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    monkeypatch.chdir(DIAGNOSTICS)
    found = [one for spec in sorted(Path().glob("*.nn")) for one in nndsl.check(spec)]
    texts = {line for one in found for line in (one.message, *(one.help or "").split("\n"))}
    texts |= {label.message for one in found for label in one.labels}
    with said_by(standing("ja"), monkeypatch):
        lacks = [
            text for text in texts if re.search("[a-z] [a-z]", text) and translated(text) == text
        ]
    require_messages("ja", lacks, pytestconfig)
    with in_language("ja"):  # a sentence that waits is English, of the others no half is
        known = {text: said for text in texts if (said := translated(text)) != text}
    said_in_english = [t for t, said in known.items() if ENGLISH.search(WRITTEN.sub("", said))]
    assert said_in_english == []


def test_an_explanation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "NN304", "--lang", "ja"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("NN304: 出力が損失関数やデータと合わない\n")
    assert max(map(width, printed.splitlines())) <= 80


def test_hints() -> None:
    forward, backward = parse_text("Z2 = A1 @ W2 + b2\ndW2 = A1.T @ dZ2")
    with in_language("ja"):
        first, second, third = hints(["dW2"], [backward], [forward], "")
    assert first.startswith("dW2 は、W2 が変わると損失がどう変わるかを表し、")
    assert "順伝播では W2 を `Z2 = A1 @ W2 + b2` で使っている。" in first
    assert second == "使う変数：A1、dZ2。使う演算：行列の積、転置。"
    assert third == "dW2 = A1.T @ ___"
