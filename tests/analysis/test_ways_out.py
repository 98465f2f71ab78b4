"""Ways out of mistakes that readers made: what a message says to write instead."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl

TRAIN = "train {{ loss = softmax_cross_entropy; optimizer = adam{0} }}"
SEVERAL = """network {{
  input x(4)
  output a = dense(x, 1)
  output b = dense(x, 1)
}}
train {{
  loss a = mean_squared_error
  loss b = mean_squared_error
  {0}
  optimizer = adam
}}
"""


@pytest.mark.parametrize(
    ("text", "help"),
    [
        (
            "network { input(4); mixup(0.2); dense(3) }",
            "it is a mixture, of `train`: mix = mixup",
        ),
        (
            "network { input(4); dense(3); accuracy }",
            "it is a metric, of `train`: metrics = [accuracy]",
        ),
        (
            "network { input(4); he; dense(3) }",
            "it is an initializer, and an argument of layers",
        ),
        (
            "block tower() { dense(3) }\nnetwork { input(4); concat { tower; branch { relu } } }",
            "write branch { tower … }",
        ),
        (
            "network { input x(3, 4); input m(3, 4); attention(x, memory=m) }",
            "did you mean `cross_attention`?",
        ),
        (
            "network { input x(3, 4); input m(3, 4); self_attention(x, memory=m) }",
            "`cross_attention` has it",
        ),
        (
            "network { input(3, tokens=5); embedding(4); lstm(8); pool_positions }",
            "lstm(…, output=all) outputs all positions",
        ),
        (
            "network { input(64); residual { dense(50); relu }; dense(10) }",
            "end the body with 64 features; or project the input: a block of `input x`, …, "
            "`y = …`, `dense(x, 50)`, `add(y)`",
        ),
        (
            "network { input(4); dense(3) }\n" + TRAIN.format("; let rate = 1"),
            "`let` stands at the top of the page, outside of `train`",
        ),
        (
            "network { input(4); dense(3) }\n"
            + TRAIN.format("").replace("entropy", "entropy + 0.3 * multiclass_hinge"),
            "one of your own is a formula: `loss NAME { … }`; of several outputs each has its "
            "loss: `loss OUTPUT = …`",
        ),
        (SEVERAL.format("metrics = [mean_absolute_error]"), "write `metrics a = …`"),
    ],
)
def test_a_way_out_is_said(text: str, help: str) -> None:
    assert [found.help for found in nndsl.check("net.nn", text=text)] == [help]


def test_the_projection_that_is_offered_is_one() -> None:
    text = "block f { input x; dense(x, 50); y = relu; dense(x, 50); add(y) }"
    assert not nndsl.check("net.nn", text=f"{text}\nnetwork {{ input(64); f; dense(10) }}")


def test_rows_of_several_lengths_are_told_of_padding(tmp_path: Path) -> None:
    rows = np.array([[1, 2], [1]], dtype=object)
    np.savez(tmp_path / "a.npz", x=rows, t=np.array([0, 1]))
    (tmp_path / "net.nn").write_text('data = npz("a.npz")\nnetwork { dense(2) }')
    (found,) = nndsl.check(tmp_path / "net.nn")
    assert "as rows of several lengths are" in found.message
    assert "fill short rows up to one length" in (found.help or "")


def test_nothing_is_said_of_data_that_is_not_there(tmp_path: Path) -> None:
    page = tmp_path / "net.nn"
    page.write_text(
        'data = text("none.txt", window=8)\n'
        "network { input(8, tokens=20); embedding(4); dense(20) }\n" + TRAIN.format("")
    )
    assert [found.code for found in nndsl.check(page)] == ["NN311"]


def test_data_of_numbers_say_that_they_are_tokens(tmp_path: Path) -> None:
    np.savez(tmp_path / "few.npz", x=np.zeros((20, 5)), t=np.zeros(20, int))
    network = "network { input(5, tokens=10); embedding(3); flatten; dense(2) }"
    page = tmp_path / "few.nn"
    page.write_text(f'data = npz("few.npz", test=0.2)\n{network}', encoding="utf-8")
    (found,) = nndsl.check(page)
    assert found.help == "say it of the data: tokens=10"
    (found,) = nndsl.check("few.nn", text=f"data = digits(test=0.2)\n{network}")
    assert found.help is not None
    assert found.help.startswith("leave it out: the data says it")
