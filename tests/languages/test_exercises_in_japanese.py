"""Exercises in Japanese: what a student is told, by tests that know no nndsl."""

from __future__ import annotations

import json
import re

import pytest
from catalogues import PROSE

from nndsl.analysis.compile import analyse
from nndsl.course import labs
from nndsl.course.exercises.blanks import Blanks
from nndsl.course.exercises.exercise import write_exercise
from nndsl.diagnostics import Diagnostics
from nndsl.emit.script import write_script
from nndsl.languages import ENGLISH, LANGUAGES, in_language, translated_check
from nndsl.languages.messages import Messages
from nndsl.live.judging.reference import Reference
from nndsl.program.parts import WRITTEN
from nndsl.program.style import STYLES
from nndsl.source import Source

PAGE = """
data = spiral(classes=3, samples=60, test=0.2)
network { dense(6); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 3 }
"""


def test_an_exercise() -> None:
    reference = Reference(analyse(Source("page.nn", PAGE), Diagnostics()))
    with in_language("ja"):
        made = write_exercise(reference, ["dW2"], 2)
    told = json.loads(made.student["exercise.json"])
    assert Messages(told["messages"]).lines("dW2: it should be zero\nline 9 gives it") == (
        "dW2：0 になるはずである\nこの値を計算しているのは 9 行目"
    )
    assert 'NotImplementedError("dW2：形状 (6, 3)")' in str(made.student["train.py"])
    assert "演習 train.py のテスト" in str(made.student["test_train.py"])
    assert "## dW2、形状 (6, 3)" in str(made.key["key.md"])
    in_english = write_exercise(reference, ["dW2"], 2)
    assert "messages" not in json.loads(in_english.student["exercise.json"])


def test_a_notebook_knows_its_folder_whatever_its_sections_are_called() -> None:
    reference = Reference(analyse(Source("page.nn", PAGE), Diagnostics()))
    with in_language("ja"):
        made = write_exercise(reference, ["dW2"], 2, as_notebook=True)
    sources = [
        "".join(cell["source"]) for cell in json.loads(str(made.student["train.ipynb"]))["cells"]
    ]
    (settings,) = [source for source in sources if source.startswith("__file__")]
    assert "BATCH_SIZE" in settings
    assert "# ノートブックにはない。" in settings.partition("\n")[0]


def test_no_hint_is_english() -> None:
    reference = Reference(analyse(Source("page.nn", PAGE), Diagnostics()))
    with in_language("ja"):
        key = str(write_exercise(reference, [*WRITTEN], 2).key["key.md"])
    hints = re.findall(r"^[12]\. .*", key, re.MULTILINE)
    assert len(hints) > 20
    assert not [one for one in hints if PROSE.search(re.sub("`[^`]*`|（.*?）", "", one))]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("page", ["one_layer", "weight_decay", "dropout", "sequences"])
def test_no_name_of_a_blank_is_translated(page: str, style: str) -> None:
    reference = Reference(analyse(labs.page(f"{page}.nn"), Diagnostics()), style=style)
    solution = write_script(reference.program, name="train.py").text
    functions = [name for name in reference.program.methods if "backward" in name]
    said: dict[str, list[str]] = {}
    for language in LANGUAGES:
        with in_language(language):
            blanks = Blanks(reference.program, solution, [*WRITTEN, *functions], 2)
            text = blanks.script("train.py").text
        said[language] = re.findall(r'NotImplementedError\("(.*?)(?:(?:: |：).*)?"\)', text)
        assert said[language] == [blank.name for blank in blanks.chosen]
    assert len(said[ENGLISH]) > 5
    assert all(names == said[ENGLISH] for names in said.values())


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        (
            "gradient of W2: 1/N is missing: it is 3 times what it should be, and N is 3 here "
            "(it is 6 at [0, 1], and should be 2)",
            "W2 の勾配：N で割っていない。ここでは N = 3 なので、正しい値の 3 倍になっている"
            "（[0, 1] の要素は 2 になるはずだが、6 になっている）",
        ),
        (
            "loss: it is 2 times what it should be",
            "損失：正しい値の 2 倍になっている",
        ),
        (
            "W1: it spreads by 1, and should by 0.1",
            "W1：標準偏差は 0.1 になるはずだが、1 になっている",
        ),
        (
            "line 84: the shapes of this matrix product do not fit: "
            "a transpose of W2 is missing, or one too many",
            "84 行目の行列の積は、形状が合わない。W2 の転置が足りないか、余分である",
        ),
        (
            "line 84: the shapes of this matrix product do not fit: "
            "`*` is meant, number by number, and not `@`",
            "84 行目の行列の積は、形状が合わない。行列の積 `@` ではなく、要素ごとの積 `*` を使う",
        ),
        (
            "line 89: there is no variable dz3; did you mean dZ3?",
            "89 行目の dz3 という変数はない。dZ3 のことか？",
        ),
        (
            "line 87: ( is never closed",
            "87 行目の ( が閉じられていない",
        ),
        (
            "the script stops at line 84 before it comes to this",
            "84 行目で止まるので、まだ調べられない",
        ),
        (
            "the second value that batch_norm_backward() returns: it is 3, and should be 1",
            "batch_norm_backward() の 2 番目の戻り値：1 になるはずだが、3 になっている",
        ),
        (
            "dW2[0, 1] is 3 and should be 1 (at the start)",
            "dW2[0, 1] は 1 になるはずだが、3 になっている（学習前）",
        ),
        (
            "dW2: its shape is 3 x 5 instead of 5 x 3: A1 and dZ2 are in the wrong order",
            "dW2：形状が 5 x 3 ではなく 3 x 5 になっている。A1 と dZ2 の順序が逆である",
        ),
        (
            "dW2: Z1 stands where A1 should (it is 6 at [0, 1], and should be 2)",
            "dW2：A1 のところに Z1 を使っている"
            "（[0, 1] の要素は 2 になるはずだが、6 になっている）",
        ),
        (
            "h: b is to be added, and is subtracted (it is 2 at [1, 2], and should be 3)",
            "h：b は足すはずだが、引いている（[1, 2] の要素は 3 になるはずだが、2 になっている）",
        ),
        (
            "da: h[t] stands where `h[t] ** 2` should (it is 2 at [1, 2], and should be 3)",
            "da：`h[t] ** 2` のところに h[t] を使っている"
            "（[1, 2] の要素は 3 になるはずだが、2 になっている）",
        ),
        (
            "da: the factor `1 - h[t] ** 2` is missing (it is 2, and should be 3)",
            "da：`1 - h[t] ** 2` を掛けていない（3 になるはずだが、2 になっている）",
        ),
        (
            "dh_next: dh stands where da[:, t - 1] should (it is 2 at [1], and should be 3)",
            "dh_next：da[:, t - 1] のところに dh を使っている"
            "（[1] の要素は 3 になるはずだが、2 になっている）",
        ),
        (
            "h: np.tanh is missing (it is 2 at [1, 2], and should be 3)",
            "h：np.tanh を適用していない（[1, 2] の要素は 3 になるはずだが、2 になっている）",
        ),
        (
            "y: its numbers are right, and stand in another order (it is 2, and should be 3)",
            "y：数値は正しいが、並び順が違う（3 になるはずだが、2 になっている）",
        ),
        (
            "it was right before line 81, which changes it",
            "81 行目の前までは正しかったが、その行が値を変えている",
        ),
        (
            "one of the lines 79 to 81 gives it, in the second pass of its loop",
            "この値を計算しているのは 79 行目から 81 行目のどれか（ループの 2 回目）",
        ),
        (
            "dW2 follows from dZ2 (lines 79 to 81), which is wrong: mend that first",
            "dW2 は dZ2（79 行目から 81 行目）から計算され、"
            "その dZ2 が間違っている。先に dZ2 を直すこと",
        ),
        (
            "line 109 gives it, in the second pass of its loop",
            "この値を計算しているのは 109 行目（ループの 2 回目）",
        ),
        (
            "da follows from a in rnn (line 93), which is wrong: mend that first",
            "da は rnn の a（93 行目）から計算され、その a が間違っている。先に a を直すこと",
        ),
        (
            "dx: inv_std * along is to be subtracted, and is added (it is 6, and should be 2)",
            "dx：inv_std * along は引くはずだが、足している（2 になるはずだが、6 になっている）",
        ),
        ("first has the hints 1 to 3", "first のヒントは 1 から 3 まで"),
        ("loss: nobody wrote this", "loss: nobody wrote this"),
    ],
)
def test_what_a_check_says(english: str, japanese: str) -> None:
    assert translated_check(english) == english
    with in_language("ja"):
        assert translated_check(english) == japanese
