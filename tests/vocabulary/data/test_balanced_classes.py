"""Weights of classes by how often they occur in the training part, as scikit-learn's `balanced`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.cli import main

PAGE = """\
data = csv("t.csv", target="kind", split=in_order, test=20)
network { dense(classes) }
train { loss = softmax_cross_entropy(class_weights=balanced); optimizer = adam(lr=0.01)
  epochs = 3 }
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    kinds = ["a"] * 60 + ["b"] * 15 + ["c"] * 5 + ["b"] * 20  # the last ones are the test part
    lines = [f"{n % 7},{kind}" for n, kind in enumerate(kinds)]
    (tmp_path / "t.csv").write_text("\n".join(["x,kind", *lines, ""]))
    (tmp_path / "t.nn").write_text(PAGE)
    return tmp_path / "t.nn"


def test_they_are_of_the_training_part_alone(page: Path, tmp_path: Path) -> None:
    model = nndsl.load(page)
    np.testing.assert_array_equal(model.statistics["class_weights"], 1)
    X, t = model.data()["training"]
    weights = 80 / (3 * np.array([60, 15, 5]))
    np.testing.assert_allclose(model.statistics["class_weights"], weights, rtol=1e-6)
    named = nndsl.load(
        page, set={"train.loss": f"softmax_cross_entropy(class_weights={weights.tolist()})"}
    )
    ours, theirs = model.loss_and_gradients(X, t), named.loss_and_gradients(X, t)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-6)
    for name, gradient in theirs[1].items():
        np.testing.assert_allclose(ours[1][name], gradient, atol=1e-6)
    history = model.fit()
    named.fit()
    known = [
        one.results["training_loss"] for one in (history.baselines[0], named.fit().baselines[0])
    ]
    assert known == pytest.approx([np.log(3)] * 2, rel=1e-3)
    model.save(tmp_path / "w.npz")
    other = nndsl.load(page)
    other.restore(tmp_path / "w.npz")
    assert other.evaluate(X, t) == model.evaluate(X, t)


@pytest.mark.slow
def test_a_script_without_them_is_found(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradcheck", str(page)]) == 0
    text = nndsl.build(page)
    wrong = text.replace('np.array(statistics["class_weights"], Z1.dtype)[t]', "np.ones(N)")
    assert text.count("weight = ") == wrong.count("weight = ") == wrong.count("np.ones(N)")
    (page.parent / "mine.py").write_text(wrong)
    capsys.readouterr()
    assert main(["gradcheck", str(page), "--script", str(page.parent / "mine.py")]) == 1
    assert "evaluation: no. The loss is" in capsys.readouterr().out


def test_they_need_classes(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page.write_text(PAGE.replace("dense(classes)", "input(1); dense(3)").split("\n", 1)[1])
    assert main(["check", str(page)]) == 1
    assert "needs data whose classes are known" in capsys.readouterr().out
