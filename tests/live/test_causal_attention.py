"""A position sees no later one, however large the scores are."""

from __future__ import annotations

import numpy as np
import pytest

import nndsl
from nndsl.live.gradients.check import check_gradients
from nndsl.live.trace import trace

PAGE = """
network { input(4, 6); self_attention(heads=2, causal=true, dropout=DROPPED) }
train { loss = mean_squared_error; optimizer = sgd(lr=0.1); dtype = TYPE }
"""


def causal(optimize: bool = False, dtype: str = "float32", dropout: float = 0.0) -> nndsl.Model:
    text = PAGE.replace("TYPE", dtype).replace("DROPPED", str(dropout))
    return nndsl.load("causal.nn", text=text, optimize=optimize)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("factor", [1.0, 1e5, 1e8])  # of queries and keys: scores up to 1e16
def test_later_positions_change_nothing(factor: float, dtype: str, optimize: bool) -> None:
    model = causal(optimize, dtype)
    model.parameters["W_qkv"][:, :12] *= factor
    rng = np.random.default_rng(0)
    X = rng.standard_normal((50, 4, 6)).astype(dtype)
    other = X.copy()
    other[:, 2:] = rng.standard_normal((50, 2, 6))
    one, two = model.predict(X), model.predict(other)
    assert one.dtype == dtype
    assert np.isfinite(one).all()
    np.testing.assert_array_equal(one[:, :2], two[:, :2])
    assert (one[:, 2:] != two[:, 2:]).any()
    t = one.copy()
    t[:, :2] += 1  # no error but in the first positions: the others have no gradient, and no loss
    losses, gradients = model.loss_and_gradients(X, t)
    t[:, 2:] = two[:, 2:]
    again, same = model.loss_and_gradients(other, t)
    assert losses == pytest.approx(again, rel=1e-5)
    for name, gradient in gradients.items():
        assert np.isfinite(gradient).all()
        assert np.abs(gradient - same[name]).max() <= 1e-3 * np.abs(gradient).max()


@pytest.mark.slow
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_the_mask_survives_the_complex_step(dropout: float) -> None:
    report = check_gradients(causal(dropout=dropout))
    assert report.passed
    assert not report.redrawn  # what is masked is no tie


def test_a_trace_tells_of_the_scores_that_count() -> None:
    X = np.random.default_rng(0).standard_normal((5, 4, 6))
    (scores,) = (row for row in trace(causal(), X, X) if row.name == "scores")
    assert np.isfinite([scores.mean, scores.std]).all()


def test_a_single_position_sees_itself() -> None:
    text = "network { input(1, 6); self_attention(causal=true) }"
    output = nndsl.load("one.nn", text=text).predict(np.ones((2, 1, 6), np.float32))
    assert np.isfinite(output).all()
