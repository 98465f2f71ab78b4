"""Activations, gates and losses over the whole range of numbers, against exact values.

The oracle is decimal arithmetic with 50 digits. An error is counted in roundings (the distance from
1 to the next number) of the greatest term that a formula adds up: of a product it is relative,
however small the value, and `1 - y` is as exact as the rounded y allows, as it is in PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from typing import Any, NamedTuple

import numpy as np
import pytest
from execution import LayerRun, all_variants, defined, name_case, run

from nndsl.data import Description
from nndsl.vocabulary import partition
from nndsl.vocabulary.data.csv import Csv
from nndsl.vocabulary.functions import SIGMOID
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.loss import Loss

ROUNDINGS = 8
EXACT = Context(prec=50, Emax=MAX_EMAX, Emin=MIN_EMIN)
ONE = Decimal(1)
TYPES = (np.float32, np.float64)


class Exact(NamedTuple):
    """A value and the size of the terms that it is the sum of."""

    value: Decimal
    size: Decimal


Oracle = Callable[[Decimal], Exact]


def relative(f: Callable[[Decimal], Decimal]) -> Oracle:
    return lambda x: Exact(f(x), abs(f(x)))


def exp(x: Decimal) -> Decimal:
    return Decimal(0) if x < -5000 else min(x, Decimal(5000)).exp()


def sigmoid(x: Decimal) -> Decimal:
    return exp(min(x, Decimal(0))) / (1 + exp(-abs(x)))


def softplus(x: Decimal) -> Decimal:
    return max(x, Decimal(0)) + (1 + exp(-abs(x))).ln()


def sigmoid_slope(x: Decimal) -> Exact:
    return Exact(sigmoid(x) * sigmoid(-x), sigmoid(x))  # y (1 - y)


def tanh(x: Decimal) -> Decimal:
    return (1 if x > 0 else -1) * (1 - exp(-2 * abs(x))) / (1 + exp(-2 * abs(x)))


def tanh_slope(x: Decimal) -> Exact:
    return Exact(4 * sigmoid(2 * x) * sigmoid(-2 * x), ONE)  # 1 - y y


def silu_slope(x: Decimal) -> Exact:
    gate, rest = sigmoid(x), sigmoid(-x)
    return Exact(gate + x * gate * rest, gate + abs(x) * gate * max(rest, gate / 10))


def gelu_inner(x: Decimal) -> tuple[Decimal, Decimal]:
    """Return 2 sqrt(2 / pi) (x + 0.044715 x^3), and its derivative."""
    pi = Decimal("3.14159265358979323846264338327950288419716939937511")
    factor, cubic = (8 / pi).sqrt(), Decimal("0.044715")
    return factor * (x + cubic * x**3), factor * (1 + 3 * cubic * x**2)


def gelu(x: Decimal) -> Exact:
    u, _ = gelu_inner(x)
    value = x * sigmoid(u)
    return Exact(value, abs(value) * (1 + abs(min(u, Decimal(0)))))  # exp(u) is as exact as u


def gelu_slope(x: Decimal) -> Exact:
    u, slope = gelu_inner(x)
    terms = sigmoid(u), x * sigmoid(u) * sigmoid(-u) * slope
    rounded = abs(x) * slope if 0 < u < 50 else Decimal(0)  # 1 - a share that is nearly 1
    return Exact(sum(terms, Decimal(0)), (abs(terms[0]) + abs(terms[1])) * (1 + abs(u)) + rounded)


def elu(alpha: float) -> tuple[Oracle, Oracle]:
    a = Decimal(alpha)
    return (
        relative(lambda x: x if x > 0 else -a * (1 - exp(x)) if x < -1 else a * expm1(x)),
        relative(lambda x: ONE if x > 0 else a * exp(x)),
    )


def expm1(x: Decimal) -> Decimal:
    """Return exp(x) - 1 for a small x, which 50 digits would not hold."""
    term = total = x
    for n in range(2, 60):
        term = term * x / n
        total += term
    return total


def softplus_exact(x: Decimal) -> Decimal:
    return exp(x) if x < -60 else softplus(x)


def tanh_exact(x: Decimal) -> Decimal:
    return x - x**3 / 3 if abs(x) < Decimal("1e-15") else tanh(x)


def points(dtype: type, largest: float | None = None) -> np.ndarray:
    """Return numbers of either sign and every size, densely where exp is neither 0 nor large."""
    limits = np.finfo(dtype)
    sizes = np.geomspace(float(limits.tiny), largest or float(limits.max) / 2, 60)
    dense = np.linspace(0.01, -1.1 * np.log(float(limits.tiny)), 90)
    positive = np.concatenate([sizes, dense, [1, 10, 17, 20, 30]])
    return np.concatenate([-positive, [0.0], positive]).astype(dtype)


def roundings(found: np.ndarray, x: np.ndarray, oracle: Oracle) -> np.ndarray:
    """Return the errors, in roundings of the type. What is not a normal number counts as 0."""
    limits = np.finfo(x.dtype)
    tiny, rounding = Decimal(float(limits.tiny)), Decimal(float(limits.eps))
    errors = []
    with localcontext(EXACT):
        for value, point in zip(found.ravel(), x.ravel(), strict=True):
            exact = oracle(Decimal(float(point)))
            error = max(Decimal(0), abs(Decimal(float(value)) - exact.value) - tiny)
            errors.append(float(error / (exact.size * rounding)) if error else 0.0)
    return np.array(errors)


def assert_exact(found: np.ndarray, x: np.ndarray, oracle: Oracle, what: str) -> None:
    assert found.dtype == x.dtype
    errors = roundings(found, x, oracle)
    worst = int(errors.argmax())
    assert errors[worst] <= ROUNDINGS, (
        f"{what} is off by {errors[worst]:.3g} roundings at {x.ravel()[worst]}: "
        f"{found.ravel()[worst]}"
    )


# Of an activation that is not here nothing is known but what is true of all words: that it stays
# finite (test_numbers), and that its slope is its derivative (test_gradients).
EXACT_CURVES: dict[str, Callable[[Any], tuple[Oracle, Oracle]]] = {
    "elu": lambda layer: elu(layer.alpha),
    "gelu": lambda layer: (gelu, gelu_slope),
    "sigmoid": lambda layer: (relative(sigmoid), sigmoid_slope),
    "silu": lambda layer: (relative(lambda x: x * sigmoid(x)), silu_slope),
    "softplus": lambda layer: (relative(softplus_exact), relative(sigmoid)),
    "tanh": lambda layer: (relative(tanh_exact), tanh_slope),
}
CURVES = [layer for layer in all_variants("layers") if layer.keyword() in EXACT_CURVES]
assert {layer.keyword() for layer in CURVES} == set(EXACT_CURVES)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("layer", CURVES, ids=name_case)
def test_activations(layer: Layer, dtype: type) -> None:
    x = points(dtype, {"gelu": 1e12}.get(layer.keyword()))[:, None]  # beyond it x^3 is infinite
    made = LayerRun(layer, ((1,),), dtype)
    value, slope = EXACT_CURVES[layer.keyword()](layer)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        forward = made.forward(x=x, N=len(x))
        backward = run(layer.backward, **forward, dy=np.ones_like(x))
    assert_exact(forward["y"], x, value, "the value")
    assert_exact(backward["dx"], x, slope, "the slope")


@pytest.mark.parametrize("dtype", TYPES)
def test_gates(dtype: type) -> None:
    x = points(dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y = run(SIGMOID)["sigmoid"](x)
    assert_exact(y, x, relative(sigmoid), "the gate")


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("t", [0.0, 0.25, 1.0])
def test_binary_cross_entropy(t: float, dtype: type) -> None:
    loss = of_word("binary_cross_entropy")
    x = points(dtype)[:, None]
    target = Decimal(t)
    functions = defined(loss)
    made = [run(loss.forward, **functions, x=row[None], t=np.array([[t]], dtype)) for row in x]
    gradients = [run(loss.backward, **names)["dx"][0, 0] for names in made]
    right = relative(lambda x: softplus_exact(-x if t == 1 else x) - x * (target if t < 1 else 0))
    wrong = lambda x: Exact(sigmoid(x) - target, sigmoid(x) + target)  # noqa: E731
    assert_exact(np.array([names["loss"] for names in made]), x, right, "the loss")
    assert_exact(np.array(gradients), x, wrong, "the gradient")


@pytest.mark.parametrize("dtype", TYPES)
def test_softmax(dtype: type) -> None:
    """The two classes of scores (x, 0) have the probabilities sigmoid(x) and sigmoid(-x)."""
    x = points(dtype)[:, None]
    scores = np.column_stack([x, np.zeros_like(x)])
    (layer,) = (layer for layer in all_variants("layers") if layer.keyword() == "softmax")
    loss = of_word("softmax_cross_entropy")
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y = run(layer.forward, **defined(layer), x=scores)["y"]
        functions = defined(loss)
        made = [run(loss.forward, **functions, x=row[None], t=np.array([0]), N=1) for row in scores]
        gradients = [run(loss.backward, **names)["dx"][0, 1] for names in made]
    assert_exact(y[:, 0], x, relative(sigmoid), "the first probability")
    assert_exact(y[:, 1], x, relative(lambda x: sigmoid(-x)), "the second one")

    def log(x: Decimal) -> Exact:
        return Exact(softplus_exact(-x), max(abs(x), ONE))  # log of a sum that is nearly 1

    def second(x: Decimal) -> Exact:
        p = sigmoid(-x)
        return Exact(p, p * (1 + abs(x)))  # exp of a logarithm is as exact as that one

    assert_exact(np.array([names["loss"] for names in made]), x, log, "the loss")
    assert_exact(np.array(gradients), x, second, "the gradient")


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("word", ["batch_norm", "layer_norm"])
def test_normalisations_of_numbers_far_from_0(word: str, dtype: type) -> None:
    """What is lost is what the inputs themselves have lost: no difference of squares."""
    far = 1000.0
    layers = [layer for layer in all_variants("layers") if layer.keyword() == word]
    assert layers
    for layer in layers:
        made = LayerRun(layer.for_shapes((6,)), ((6,),), dtype)
        x = (far + made.arrays["x"]).astype(dtype)
        y = made.forward(x=x)["x_hat"]
        axis = 0 if word == "batch_norm" else 1
        exact = x.astype(np.longdouble)
        exact = exact - exact.mean(axis=axis, keepdims=True)
        exact /= np.sqrt((exact * exact).mean(axis=axis, keepdims=True) + layer.epsilon)
        assert np.abs(y - exact).max() <= 4 * far * np.finfo(dtype).eps


def of_word(word: str) -> Loss:
    losses = (loss for loss in all_variants("losses") if isinstance(loss, Loss))
    return next(loss for loss in losses if loss.keyword() == word)


@pytest.mark.parametrize("dtype", TYPES)
def test_standardisation_of_many_rows(dtype: type) -> None:
    """In 32 bits the mean of a million years would be wrong by centuries."""
    data = Csv(file="t.csv", target=("t",), standardize=True)
    X = (2000 + np.random.default_rng(0).standard_normal((1_000_000, 1))).astype(dtype)
    made = run(partition.text(data, Description(), "{}")[0], X=X, t=X, dtype=dtype, statistics={})
    assert {made[name].dtype for name in ("X", "mean", "scale")} == {np.dtype(dtype)}
    exact = X.astype(np.float64)
    assert abs(made["mean"] - exact.mean()) <= 2000 * np.finfo(dtype).eps
    assert abs(made["scale"] / exact.std() - 1) <= 2 * np.finfo(dtype).eps


@pytest.mark.parametrize("dtype", TYPES)
def test_standardisation_of_equal_numbers(dtype: type) -> None:
    """Their standard deviation is not always 0, but what rounding leaves."""
    data = Csv(file="t.csv", target=("t",), standardize=True)
    X = np.full((1000, 1), 0.1, dtype)
    text, _ = partition.text(data, Description(), "{}")
    assert run(text, X=X, t=X, dtype=dtype, statistics={})["scale"] == 1
