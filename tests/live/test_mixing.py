"""Mixed batches: what is learnt from lies between examples, and targets lie between theirs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import nndsl
from nndsl.live.model import Model
from nndsl.live.script.check import check_script

PAGE = """\
data = digits(training=9, validation=20)
network { dense(6); relu; dense(10) }
train {
  loss = soft_target_cross_entropy; optimizer = adam(lr=0.01); dtype = float64
  batch = 4; epochs = 2; mix = mixup(0.4)
}
"""


def test_each_example_has_the_share_that_its_target_has() -> None:
    model = nndsl.load("net.nn", text=PAGE)
    seen = []
    learn = model.namespace["loss_and_gradients"]
    model.namespace["loss_and_gradients"] = lambda X, t: seen.append((X, t)) or learn(X, t)
    model.fit()
    X, t = model.data()["training"]
    assert len(seen) == 2 * 3
    shares = set()
    for rows, targets in seen:
        for x, target in zip(rows, targets, strict=True):
            found = between(x, X)
            assert found is not None
            share, first, second = found
            np.testing.assert_allclose(target, share * t[first] + (1 - share) * t[second])
            shares.add(round(share, 9))
    assert any(0.01 < share < 0.99 for share in shares)


def between(x: np.ndarray, X: np.ndarray) -> tuple[float, int, int] | None:
    """Return the share of the first of two examples between which x lies, and the two."""
    for first, one in enumerate(X):
        for second, way in enumerate(X - one):
            size = float(way @ way)
            share = 1 - float((x - one) @ way) / size if size else 1.0
            if np.allclose(share * one + (1 - share) * (one + way), x):
                return share, first, second
    return None


def test_what_is_judged_is_not_mixed_and_another_mixing_is_found() -> None:
    model = nndsl.load("net.nn", text=PAGE)
    assert all(not part.wrong for part in check_script(model))
    for old, new in (("X[other]", "X[other[::-1]]"), ("noise_rng.beta", "noise_rng.gamma")):
        wrong = model.source.replace(old, new, 1)
        assert wrong != model.source
        found = check_script(Model(model.checked, replace(model.script, text=wrong)))
        assert [part.part for part in found if part.wrong] == ["mixing"]
