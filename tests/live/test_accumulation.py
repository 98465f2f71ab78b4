"""A batch that is gone through in pieces takes the step of the whole batch."""

from __future__ import annotations

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
