"""Layers that change images at random in training, and predict as if they were not there."""

from __future__ import annotations

import numpy as np
import pytest
from execution import LayerRun, made

import nndsl
from nndsl.live.model import Model

SHAPE = (2, 4, 5)
WRITTEN = {
    "cutout": "cutout(3)",
    "gaussian_noise": "gaussian_noise(0.3)",
    "random_flip": "random_flip",
    "random_shift": "random_shift(2)",
}


def moved(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return an image whose pixels went so far, with zeros where none came."""
    result = np.zeros_like(image)
    _, rows, columns = image.shape
    for i in range(rows):
        for j in range(columns):
            if 0 <= i - down < rows and 0 <= j - right < columns:
                result[:, i, j] = image[:, i - down, j - right]
    return result


def test_every_image_moves_by_itself() -> None:
    ways = set()
    for seed in range(8):
        run = LayerRun(made("random_shift", pixels=2), (SHAPE,))
        for x, y in zip(
            run.arrays["x"], run.forward(rng=np.random.default_rng(seed))["y"], strict=True
        ):
            steps = range(-2, 3)
            found = [(d, r) for d in steps for r in steps if np.array_equal(y, moved(x, d, r))]
            assert len(found) == 1
            ways.update(found)
    assert {down for down, _ in ways} == {right for _, right in ways} == {-2, -1, 0, 1, 2}


@pytest.mark.parametrize(("direction", "axis"), [("horizontal", 2), ("vertical", 1)])
def test_about_every_other_image_is_turned_over(direction: str, axis: int) -> None:
    turned = 0
    for seed in range(20):
        run = LayerRun(made("random_flip", direction=direction), (SHAPE,))
        for x, y in zip(
            run.arrays["x"], run.forward(rng=np.random.default_rng(seed))["y"], strict=True
        ):
            assert np.array_equal(y, x) != np.array_equal(y, np.flip(x, axis))
            turned += not np.array_equal(y, x)
    assert 35 <= turned <= 65  # of 100


def test_noise_has_the_spread_that_is_asked_for() -> None:
    run = LayerRun(made("gaussian_noise", std=0.3), ((40, 50),))
    noise = run.forward()["y"] - run.arrays["x"]
    assert abs(noise.mean()) < 0.01
    assert abs(noise.std() - 0.3) < 0.01


def test_a_crop_is_a_part_of_its_image_and_in_prediction_the_middle() -> None:
    places = set()
    for seed in range(12):
        run = LayerRun(made("random_crop", size=3), (SHAPE,))
        seen = run.forward(rng=np.random.default_rng(seed))["y"]
        for x, y in zip(run.arrays["x"], seen, strict=True):
            found = [
                (i, j)
                for i in range(2)
                for j in range(3)
                if np.array_equal(y, x[:, i : i + 3, j : j + 3])
            ]
            assert len(found) == 1
            places.update(found)
    assert len(places) == 6
    assert np.array_equal(run.evaluate()["y"], run.arrays["x"][:, :, 0:3, 1:4])


def test_a_hole_is_a_square_and_may_lie_beyond_the_edge() -> None:
    sizes = set()
    for seed in range(12):
        run = LayerRun(made("cutout", size=3), (SHAPE,))
        seen = run.forward(rng=np.random.default_rng(seed))["y"]
        for x, y in zip(run.arrays["x"], seen, strict=True):
            assert np.array_equal(y[y != 0], x[y != 0])
            assert np.array_equal(y[0] == 0, y[1] == 0)
            rows, columns = np.nonzero(y[0] == 0)
            height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
            assert len(rows) == height * width
            sizes.add((int(height), int(width)))
    assert (3, 3) in sizes
    assert (2, 2) in sizes


@pytest.mark.parametrize("layer", WRITTEN)
def test_prediction_leaves_images_alone(layer: str) -> None:
    def load(augmented: str) -> Model:
        text = (
            "data = digits(images=true, validation=0.2)\n"
            f"network {{ {augmented} flatten; dense(10) }}\n"
            "train { loss = softmax_cross_entropy; optimizer = sgd; epochs = 1 }"
        )
        return nndsl.load("spec.nn", text=text)

    plain, augmented = load(""), load(f"{WRITTEN[layer]};")
    X, t = augmented.data()["validation"]
    assert np.array_equal(X, plain.data()["validation"][0])  # the other streams stay as they are
    assert np.array_equal(plain.predict(X), augmented.predict(X))
    loss, _ = plain.loss_and_gradients(X, t)
    losses = [augmented.loss_and_gradients(X, t)[0] for _ in range(2)]
    assert len({loss, *losses}) == 3  # every batch is changed, and every time otherwise
    assert load(f"{WRITTEN[layer]};").fit().rows == load(f"{WRITTEN[layer]};").fit().rows


def test_a_shift_that_leaves_nothing_is_refused() -> None:
    found = nndsl.check(
        "spec.nn", text="network { input(1, 4, 6); random_shift(4); flatten; dense(2) }"
    )
    assert [d.code for d in found] == ["NN301"]
    assert "nothing would be left" in found[0].message
    found = nndsl.check("spec.nn", text="network { input(64); random_flip; dense(2) }")
    assert [d.code for d in found] == ["NN301"]
    assert "reshape(1, 8, 8)" in (found[0].help or "")


@pytest.mark.parametrize(
    ("layer", "place", "said"),
    [
        ("random_shift", "random_shift", "`random_shift` needs `pixels`"),
        ("random_shift(0)", "0", "`pixels` must be at least 1, and here it is 0"),
        ("random_shift(1.5)", "1.5", "`pixels` must be a whole number, and here it is 1.5"),
        ("random_flip(up)", "up", "expected `horizontal` or `vertical`, found `up`"),
        ("gaussian_noise(-1)", "-1", "`std` must be at least 0, and here it is -1"),
    ],
)
def test_arguments_out_of_range_are_refused_in_their_place(
    layer: str, place: str, said: str
) -> None:
    text = f"network {{ input(1, 4, 6); {layer}; flatten; dense(2) }}"
    (found,) = nndsl.check("spec.nn", text=text)
    assert said in found.message
    assert found.span.text == place
