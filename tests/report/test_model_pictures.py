"""Pictures of trained networks: filters, boundaries, the loss around, attention."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.cli import main
from nndsl.live.internal_values import internal_values
from nndsl.live.model import Model
from nndsl.report.drawing import SERIES
from nndsl.report.model_pictures import attention, boundary, decisions, filters, surface

PLANE = """
data = blobs(classes=2, samples=60, features=2)
network { dense(2) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.5); epochs = 5 }
"""
DIGITS = """
data = digits(images=true, test=0.2)
network { conv2d(6, kernel=3); relu; flatten; dense(10) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 1 }
"""
ATTENDING = """
data = addition(digits=2, samples=200)
network { embedding(8); self_attention(heads=2); self_attention(heads=2); dense(12) }
train { loss = softmax_cross_entropy; optimizer = adam; epochs = 1 }
"""


def _model(text: str, *, trained: bool = False) -> Model:
    model = nndsl.load("page.nn", text=text)
    if trained:
        model.fit()
    return model


@pytest.fixture(scope="module")
def plane() -> Model:
    return _model(PLANE, trained=True)


def test_a_place_has_the_colour_of_the_class_that_is_said_there(plane: Model) -> None:
    colors = decisions(plane)
    assert colors is not None
    X, *_ = plane.data()["training"]
    low, high = X.min(axis=0), X.max(axis=0)
    low, high = low - 0.08 * (high - low), high + 0.08 * (high - low)
    scores = plane.predict(X)
    said, sure = scores.argmax(axis=1), abs(scores[:, 0] - scores[:, 1]) > 1
    assert sure.sum() > 20
    last = colors.shape[-1] - 1
    for point, kind in zip(X[sure], said[sure], strict=True):
        right, up = np.rint((point - low) / (high - low) * last).astype(int)
        color = colors[:, last - up, right].astype(int)
        full = [np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in SERIES[:2]]
        assert np.argmin([abs(color - one).sum() for one in full]) == kind
    picture = boundary([("", colors)], plane)
    assert picture is not None
    assert picture.svg.count("<circle") == len(X)


def test_the_loss_around_leaves_the_weights_alone(plane: Model) -> None:
    before = {name: array.copy() for name, array in plane.parameters.items()}
    picture = surface(plane)
    assert picture is not None
    assert all(np.array_equal(before[n], a) for n, a in plane.parameters.items())
    loss = plane.evaluate(*plane.data()["training"][:2])["loss"]
    assert f"it is {loss:.3g}" in picture.caption


def test_filters_are_images_of_the_first_weights() -> None:
    picture = filters(_model(DIGITS))
    assert picture is not None
    assert picture.svg.count("<image") == 6
    assert picture.caption.startswith("All 6.")


def test_attention_has_a_map_for_each_head() -> None:
    model = _model(ATTENDING)
    maps = internal_values(model, model.data()["training"][0][:3], "weights")
    assert [array.shape[:2] for array in maps] == [(3, 2), (3, 2)]
    assert np.allclose(maps[0].sum(axis=-1), 1, atol=1e-6)
    picture = attention(model)
    assert picture is not None
    assert picture.svg.count("<image") == 4
    assert "layer 2, head 1" in picture.svg


def test_what_a_network_has_not_is_no_picture(plane: Model) -> None:
    assert filters(plane) is None
    assert attention(plane) is None
    assert decisions(_model(DIGITS)) is None


def test_the_command_trains_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.nn"
    page.write_text(PLANE, encoding="utf-8")
    assert main(["picture", "boundary", str(page), "-o", str(tmp_path / "a.svg")]) == 0
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "before training" in drawn
    assert "epoch 5" in drawn
    assert main(["picture", "filters", str(page), "-o", str(tmp_path / "b.svg")]) == 1
    assert "no such picture" in capsys.readouterr().err
    assert not (tmp_path / "b.svg").exists()


@pytest.mark.slow
def test_the_report_of_a_run_has_them(tmp_path: Path) -> None:
    page = tmp_path / "page.nn"
    page.write_text(PLANE, encoding="utf-8")
    assert main(["run", str(page), "-o", str(tmp_path / "run")]) == 0
    assert "Where it decides" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    drawn = tmp_path / "c.svg"
    assert main(["picture", "boundary", str(tmp_path / "run"), "-o", str(drawn)]) == 0
    assert "before training" not in drawn.read_text(encoding="utf-8")
