"""Numbers stay what they are: float32 stays float32, and large ones bring no warnings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from execution import (
    LayerRun,
    all_variants,
    evaluate,
    fields,
    layer_cases,
    loss_names,
    name_case,
    readonly,
    run,
)

from nndsl.ir import names_of, parse_value
from nndsl.shapes import Shape
from nndsl.vocabulary.clip import Clip
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.metric import Metric
from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.regularizer import Regularizer

# -inf is what a softmax gives no weight, and padding that is never the largest.
MASKED = ("causal_mask", "scores", "padded", "spots", "seen")
LARGE = 3e3  # times an exponential: some are beyond 1e4


def widened(names: dict[str, Any], dtype: type) -> list[str]:
    """Return the names of arrays and numpy scalars whose real numbers are not of this type."""
    return [
        name
        for name, value in names.items()
        if isinstance(value, np.ndarray | np.generic)
        and value.dtype.kind in "fc"
        and value.dtype != dtype
    ]


def unfinished(names: dict[str, Any]) -> list[str]:
    return [
        name
        for name, value in names.items()
        if isinstance(value, np.ndarray | np.generic)
        and value.dtype.kind in "fc"
        and not (np.isfinite(value) | ((name in MASKED) & (value == -np.inf))).all()
    ]


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1.0, LARGE])
@pytest.mark.parametrize("case", layer_cases(), ids=name_case)
def test_layers(case: tuple[Layer, tuple[Shape, ...]], scale: float, dtype: type) -> None:
    made = LayerRun(*case, dtype=dtype, scale=scale)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        results = [made.backward(), made.evaluate(), made.update_running_stats()]
    for names in results:
        assert not widened(names, dtype)
        assert not unfinished(names)
    assert results[0]["y"].shape == results[1]["y"].shape == made.output_shape
    for name in made.trained:
        assert results[0][f"d{name}"].shape == made.arrays[name].shape


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("x", [0.0, 1e4, -1e4])
@pytest.mark.parametrize("case", layer_cases(), ids=name_case)
def test_layers_at_equal_inputs(
    case: tuple[Layer, tuple[Shape, ...]], x: float, dtype: type
) -> None:
    made = LayerRun(*case, dtype=dtype)
    for name in case[0].inputs:
        if made.arrays[name].dtype.kind == "f":
            made.arrays[name] = readonly(np.full_like(made.arrays[name], x))
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        names = made.backward()
    assert not widened(names, dtype)
    assert not unfinished(names)


EXPONENTIAL = {"poisson"}  # of an output of 1e4 there is no exp


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [0.0, 1.0, 1e4])
@pytest.mark.parametrize("loss", all_variants("losses"), ids=name_case)
def test_losses(loss: Loss, scale: float, dtype: type) -> None:
    if loss.keyword() in EXPONENTIAL:
        scale = min(scale, 10.0)
    names = loss_names(loss, dtype, scale)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        forward = run(loss.forward, **names)
        backward = run(loss.backward, **forward)
    assert not widened(backward, dtype)
    assert not unfinished(backward)
    assert backward["dx"].shape == names["x"].shape
    assert np.shape(forward["loss"]) == ()
    decided = [evaluate(loss.decision, x=names["x"]), evaluate(loss.binary_decision, x=names["x"])]
    assert all(chosen.shape == (len(names["x"]),) for chosen in decided)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [0.0, 1.0, 1e4])
@pytest.mark.parametrize("optimizer", all_variants("optimizers"), ids=name_case)
def test_optimizers(optimizer: Optimizer, scale: float, dtype: type) -> None:
    rng = np.random.default_rng(0)
    p = rng.standard_normal(6).astype(dtype)
    names = {name: np.full_like(p, first) for name, first in optimizer.state.items()}
    own = names | {"p": p}
    before = p.copy()
    for step in range(1, 4):
        g = readonly((scale * rng.standard_normal(6)).astype(dtype))
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            made = run(optimizer.decay, **fields(optimizer), p=p, step=step)
            made |= run(optimizer.update, **fields(optimizer), **own, g=g, step=step)
        assert all(made[name] is array for name, array in own.items()), "changed in place"
        assert not widened(made, dtype)
        assert not unfinished(made)
    assert np.all(p != before) == (scale > 0 or bool(optimizer.decay))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("regularizer", all_variants("regularizers"), ids=name_case)
def test_regularizers(regularizer: Regularizer, dtype: type) -> None:
    rng = np.random.default_rng(0)
    w = readonly((1e4 * rng.standard_normal((3, 2))).astype(dtype))
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        forward = run(regularizer.forward, **fields(regularizer), weights=(w, w))
        backward = run(regularizer.backward, **fields(regularizer), w=w)
    assert not widened(forward | backward, dtype)
    assert np.shape(forward["penalty"]) == ()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [0.0, 1e-3, 1e4])
@pytest.mark.parametrize("clip", all_variants("clips"), ids=name_case)
def test_clips(clip: Clip, scale: float, dtype: type) -> None:
    rng = np.random.default_rng(0)
    gradients = {name: (scale * rng.standard_normal(6)).astype(dtype) for name in ("dW", "db")}
    arrays = dict(gradients)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        made = run(clip.apply, **fields(clip), gradients=gradients)
    assert not widened(made | gradients, dtype)
    assert all(gradients[name] is array for name, array in arrays.items()), "changed in place"


@pytest.mark.parametrize("initializer", all_variants("initializers"), ids=name_case)
@pytest.mark.parametrize("shape", [(6,), (6, 4), (4, 6), (2, 3, 3, 3)])
def test_initializers(initializer: Initializer, shape: Shape) -> None:
    names = {"shape": shape, "fan_in": 6, "fan_out": 4, "dtype": np.float32}
    first, second = (
        run(initializer.draw, **fields(initializer), **names, rng=np.random.default_rng(8))["w"]
        for _ in range(2)
    )
    assert first.shape == shape
    assert np.array_equal(first, second)
    assert np.isfinite(first).all()


# Of all examples together; tests/verify holds them to scikit-learn's.
NO_MEANS = {
    *("precision", "recall", "f1", "balanced_accuracy", "roc_auc", "average_precision"),
    *("r2", "root_mean_squared_error", "median_absolute_error", "max_error"),
    *("log_loss", "expected_calibration_error"),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("metric", all_variants("metrics"), ids=name_case)
def test_metrics_are_means_over_examples(metric: Metric, dtype: type) -> None:
    if metric.keyword() in NO_MEANS:
        return
    rng = np.random.default_rng(0)
    x = rng.standard_normal((12, 10)).astype(dtype)
    true = rng.integers(0, 10, 12)
    t = rng.standard_normal((12, 10)).astype(dtype) if metric.needs_values else true
    given = {"x": x, "t": t, "true": true, "predicted": x.argmax(axis=1)}
    given["predicted"][:3] = true[:3]  # some are right for certain
    if "loss" in names_of(parse_value(metric.value)):
        return  # it says the loss in another way, and that is a mean
    whole, first, rest = (
        evaluate(
            metric.value,
            N=len(x[part]),
            **fields(metric),
            **{name: a[part] for name, a in given.items()},
        )
        for part in (slice(None), slice(7), slice(7, None))
    )
    assert whole == pytest.approx((7 * first + 5 * rest) / 12, rel=1e-6)
    assert whole > 0
