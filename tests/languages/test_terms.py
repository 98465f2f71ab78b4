"""The terms of the textbook: what is said holds to the glossary, and no term has two words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from catalogues import read

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "ja" / "glossary.md"
PAGES = (*(ROOT / "docs" / "ja").glob("*.md"), ROOT / "README.ja.md")
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| [^|]*\|$", re.MULTILINE)
CODE = re.compile(r"`[^`]*`|\{[^}]*\}|\$[^$]*\$|\w+=\w+|--?\w[\w-]*|\w+\([^)]*\)?")
OTHERWISE = 0.15  # of the sentences, at most, may say a term in other words where that reads better
MEANT = {  # terms whose English has another meaning as well: the part of the data, or to train
    *("training part", "validation part", "test part", "lab", "setting", "spread", "cell"),
    "confidence",  # of a test, too
    *("optimizer", "unit", "key", "step in time", "to centre and scale", "to switch off"),
}
SECOND_WORDS = {
    "フィルター": "フィルタ(?!ー)|カーネル",
    "ウィンドウ": "窓|領域|フィルターの範囲",
    "レイヤ": "レイヤー",
    "パラメータ": "パラメーター|パラメタ",
    "順伝播": "順伝搬|フォワードパス|前向き計算",
    "逆伝播": "逆伝搬|バックワードパス|後ろ向き計算",
    "勾配確認": "勾配チェック|勾配検査",
    "訓練データ": "学習データ|トレーニングデータ|学習用データ",
    "検証データ": "バリデーション",
    "テストデータ": "試験データ|評価データ",
    "認識精度": "正解率|正答率",
    "過学習": "過剰適合|過適合|オーバーフィット",
    "隠れ層": "中間層",
    "ニューロン": "ユニット",
    "目標値": "ターゲット|教師データ|目的変数",
    "損失関数": "コスト関数|誤差関数",
    "最適化手法": "オプティマイザ",
    "学習率": "ステップ幅|ステップサイズ",
    "シード": "乱数の種",
    "移動平均": "移動統計",
    "Momentum": "モーメンタム|モメンタム",
    "Dropout": "ドロップアウト",
    "Attention": "アテンション|注意機構",
    "チャンネル": "チャネル",
    "畳み込み": "畳込み|たたみ込み|たたみこみ",
    "系列": "シーケンス",
    "早期終了": "早期打ち切り|早期停止",
    "教材": "ハンドアウト|配布資料",
    "行列の積": "行列積|行列の掛け算",
    "正則化項": "罰則項|ペナルティ項",
    "メモリ": "メモリー",
    "サーバー": "サーバ(?!ー)",
    "フォルダ": "フォルダー|ディレクトリ",
    "ブラウザ": "ブラウザー",
    "コンピュータ": "コンピューター|パソコン|計算機",
    "Weight decay": "重み減衰|ウェイトディケイ",
}


@cache
def _sentences() -> list[tuple[str, str]]:
    return [(str(one.id), str(one.string)) for one in read("ja") if one.id]


def _terms() -> Iterator[tuple[str, list[str]]]:
    """Yield the terms of the glossary in English, and what each is in Japanese."""
    for japanese, english in ROW.findall(GLOSSARY.read_text("utf-8"))[2:]:
        for one in english.split(", "):
            yield (
                one,
                [word.removesuffix(" レイヤ") for word in re.split("[、（）]", japanese) if word],
            )


TERMS = {english: words for english, words in _terms() if english not in {"英語", "---"}}


@pytest.mark.parametrize("term", sorted({*TERMS} - MEANT))
def test_a_term_is_said_as_in_the_glossary(term: str) -> None:
    stem = term[:-1] if term.endswith("y") else term
    pattern = re.compile(rf"(?<![\w-]){re.escape(stem)}(?:y|ies|e?s)?(?![\w-])", re.IGNORECASE)
    said = [(text, ja) for text, ja in _sentences() if pattern.search(CODE.sub("", text))]
    words = [word.lower() for word in TERMS[term]]
    others = [text for text, ja in said if not any(word in ja.lower() for word in words)]
    assert len(others) <= OTHERWISE * len(said) + 1, others


def test_the_glossary_is_used() -> None:
    catalogue = "".join(ja for _, ja in _sentences())
    unused = {w for words in TERMS.values() for w in words if w not in catalogue}
    assert unused <= {"Affine", "誤差逆伝播法", "荷重減衰", "Softmax-with-Loss", "実習"}


@pytest.mark.parametrize("term", SECOND_WORDS)
def test_no_term_has_two_words(term: str) -> None:
    second = re.compile(SECOND_WORDS[term])
    texts = [ja for _, ja in _sentences()]
    pages = [line for page in PAGES for line in page.read_text("utf-8").splitlines()]
    assert [text for text in [*texts, *pages] if second.search(text)] == []
    assert any(term in text for text in texts)
