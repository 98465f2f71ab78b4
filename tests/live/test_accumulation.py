"""A batch that is gone through in pieces takes the step of the whole batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.live.gradients.check import check_gradients

PAGE = """\
data = digits(training=70, validation=20)
network { dense(6); relu; dense(10) }
train {
  loss = softmax_cross_entropy; optimizer = adam(lr=0.01); dtype = float64
  batch = 32; epochs = 2; regularize = l2(0.01); accumulate = 5
}
"""


@pytest.mark.parametrize("options", [{}, {"style": "layers"}, {"optimize": True}])
def test_the_steps_are_those_of_whole_batches(options: dict[str, object]) -> None:
    """5 pieces of 32 are uneven, and the last batch has but 6 examples."""
    pieces, whole = (
        nndsl.load("net.nn", text=text, **options)  # type: ignore[arg-type]
        for text in (PAGE, PAGE.replace("; accumulate = 5", ""))
    )
    assert "accumulated_gradients" in pieces.source
    assert "accumulated_gradients" not in whole.source
    one, other = pieces.fit(), whole.fit()
    for row, known in zip(one.rows, other.rows, strict=True):
        assert row == pytest.approx(known, rel=1e-10)
    for name, p in pieces.parameters.items():
        np.testing.assert_allclose(p, whole.parameters[name], rtol=1e-9, atol=1e-12)


def test_it_sees_a_piece_at_a_time() -> None:
    model = nndsl.load("net.nn", text=PAGE)
    sizes: list[int] = []
    learn = model.namespace["loss_and_gradients"]

    def seen(X: np.ndarray, t: np.ndarray) -> tuple[object, ...]:
        sizes.append(len(X))
        found: tuple[object, ...] = learn(X, t)
        return found

    model.namespace["loss_and_gradients"] = seen
    model.fit()
    assert sizes == 2 * [7, 7, 6, 6, 6, 7, 7, 6, 6, 6, 2, 1, 1, 1, 1]


@pytest.mark.slow
def test_more_pieces_than_examples_and_the_check_of_the_script() -> None:
    model = nndsl.load("net.nn", text=PAGE.replace("accumulate = 5", "accumulate = 50"))
    assert check_gradients(model).passed
    model.fit()


@pytest.mark.parametrize("options", [{}, {"optimize": True}])
def test_positions_without_a_target_do_not_count(
    tmp_path: Path, options: dict[str, object]
) -> None:
    """A piece counts as its targets do."""
    rng = np.random.default_rng(0)
    X = rng.integers(1, 9, (40, 5))
    t = np.where(rng.random(X.shape) < 0.5, -1, X % 3)
    t[:, 0], t[:12, 1:] = X[:, 0] % 3, -1  # pieces with few targets, and none without any
    np.savez(tmp_path / "s.npz", x=X, t=t)
    page = tmp_path / "s.nn"
    page.write_text(
        'data = npz("s.npz", x="x", t="t", tokens=9)\n'
        "network { embedding(4); rnn(6, output=all); dense(3) }\n"
        "train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); dtype = float64\n"
        "batch = 20; accumulate = 10; epochs = 2; regularize = l2(0.01) }\n"
    )
    pieces = nndsl.load(page, **options)  # type: ignore[arg-type]
    whole = nndsl.load(page, set={"train.accumulate": 1})
    one, other = pieces.fit(), whole.fit()
    assert one.rows[-1] == pytest.approx(other.rows[-1], rel=1e-9)
    for name, p in pieces.parameters.items():
        np.testing.assert_allclose(p, whole.parameters[name], rtol=1e-8, atol=1e-11)
