"""Hunts in Japanese: what a student is told, and what the key says of every kind of mistake."""

from __future__ import annotations

from dataclasses import replace

import pytest
from catalogues import require_entries

from nndsl.analysis.compile import analyse
from nndsl.course.grading import results
from nndsl.course.grading.grader import Grade, Item
from nndsl.course.hunts.hunts import Hunts
from nndsl.course.hunts.key import Hunt, Planted, answers, task
from nndsl.diagnostics import Diagnostics
from nndsl.languages import in_language
from nndsl.languages.widths import width
from nndsl.live.judging.reference import Reference
from nndsl.program.parts import PARTS
from nndsl.source import Source

PAGE = """
data = spiral(classes=3, samples=60, test=0.2)
network { dense(6); batch_norm; relu; dropout(0.2); dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 3 }
"""
MANY = ("gradient of W1", "gradient of b1", "gradient of W2", "gradient of b2", "update", "loss")


def _hunts() -> Hunts:
    return Hunts(Reference(analyse(Source("page.nn", PAGE), Diagnostics())), PARTS)


def _all() -> None:
    hunts = _hunts()
    made = [hunts.make(student, 0, 1) for student in ("anna", "ben")]
    kinds = {(mistake.part, mistake.kind) for mistake in hunts.mistakes}
    planted = [Planted(part, kind, "train", 2, 1, "", "x", MANY) for part, kind in sorted(kinds)]
    answers([replace(made[0], mistakes=tuple(planted))])
    for hunt in (*made, replace(made[0], mistakes=made[0].mistakes * 2)):
        task(hunt, 1, "train.py")


@pytest.mark.slow
def test_every_sentence_of_a_hunt_is_translated(
    monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    require_entries("ja", _all, monkeypatch, pytestconfig)


def test_a_hunt_in_japanese() -> None:
    mistake = Planted("backward", "sign", "loss_and_gradients", 9, 9, "a = -b", "a = b", MANY[:1])
    hunt = Hunt("anna", 0, "", "", (mistake,), "")
    with in_language("ja"):
        told, key = task(hunt, 1, "train.py"), answers([hunt])
    assert "`train.py` には間違いが 1 つある。" in told
    assert "`loss_and_gradients` を調べること。" in told
    assert "9 行目、`loss_and_gradients`（逆伝播）：符号が違う。" in key
    assert "影響を受けるもの：W1 の勾配。" in key
    assert "A hunt in" in task(hunt, 1, "train.py")


def test_the_points_of_a_class_stand_below_each_other() -> None:
    says = "no line has the comment `# found`"
    names = ("佐藤 花", "Wang Li")
    named, mended = (Item(f"mistake 1: {what}", 0.0, 1.0, says) for what in ("named", "mended"))
    grades = [Grade(names[0], (named,)), Grade(names[1], (mended,))]
    with in_language("ja"):
        head, *rows = results.text(grades).splitlines()
    assert [*rows[0].split("  ")][-1].startswith("間違い 1：指摘：コメント")
    assert [*rows[1].split("  ")][-1].startswith("間違い 1：修正：コメント")
    ends = [
        width(line[: line.index(what) + len(what)])
        for line, what in ((head, "点"), *((r, "0 / 1") for r in rows))
    ]
    assert len({*ends}) == 1
