"""What the lints predict of signals and gradients is what the live model shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.data import Signal
from nndsl.diagnostics import Diagnostics
from nndsl.lints.prediction import Prediction, predict
from nndsl.source import Source

pytestmark = pytest.mark.slow  # trains, or draws, again and again

MNIST = Path(__file__).parents[2] / "specs" / "data" / "mnist5k.npz"
WITHIN = 1.5  # factor between what is predicted and what is measured
WIDTH = 100
TRAIN = "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.01); dtype = float64 }"


def mnist() -> np.ndarray:
    with np.load(MNIST) as arrays:
        return arrays["x_train"][::4].reshape(-1, 784) / 255


def standard_normal() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((1000, 100))


def network(block: str, depth: int, X: np.ndarray, end: str = "") -> str:
    return f"network {{ input({X.shape[1]}); {'; '.join([block] * depth)}{end} }}"


def prediction(text: str, X: np.ndarray) -> Prediction:
    diagnostics = Diagnostics()
    graph = analyse(Source("net.nn", text), diagnostics).graph
    assert graph is not None, diagnostics.diagnostics
    found = predict(graph, Signal(float(X.mean()), float(X.var())))
    assert found is not None
    return found


def measured(block: str, depth: int, X: np.ndarray) -> float:
    """Return the spread behind so many blocks: of a live model that ends there."""
    model = nndsl.load("net.nn", text=network(block, depth, X))
    return float(model.predict(X).std())


def is_close(predicted: Sequence[float], found: Sequence[float]) -> bool:
    pairs = zip(predicted, found, strict=True)
    return all(1 / WITHIN < a / b < WITHIN for a, b in pairs)


def predicted(block: str, depth: int, X: np.ndarray) -> list[float]:
    return [stage.std for stage in prediction(network(block, depth, X, "; dense(10)"), X).hidden]


@pytest.mark.parametrize(
    ("init", "book"),
    [
        ("normal(std=0.01)", (0.054, 0.0041, 0.00033, 0.000021)),
        ("lecun", (0.19, 0.15, 0.12, 0.075)),  # what the textbook calls Xavier
        ("he", (0.27, 0.30, 0.33, 0.30)),
    ],
)
def test_the_textbooks_network_on_mnist(init: str, book: Sequence[float]) -> None:
    X, block = mnist(), f"dense({WIDTH}, init={init}); relu"
    found = predicted(block, 4, X)
    assert is_close(found, book)
    assert is_close(found, [measured(block, depth, X) for depth in range(1, 5)])


ACTIVATIONS = [
    *("tanh", "sigmoid", "relu", "leaky_relu(0.2)", "elu", "gelu", "silu", "softplus", "identity")
]
INITS = ["xavier", "he", "lecun", "orthogonal", "uniform(-0.2, 0.2)", "normal(std=0.02)"]


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_with_every_initializer(activation: str, init: str) -> None:
    X, block = standard_normal(), f"dense({WIDTH}, init={init}); {activation}"
    stds = predicted(block, 5, X)
    assert is_close([stds[0], stds[4]], [measured(block, depth, X) for depth in (1, 5)])


@pytest.mark.parametrize(
    "block",
    [
        f"dense({WIDTH}, init=normal(std=0.1)); layer_norm; tanh",
        f"residual {{ dense({WIDTH}); tanh; dense({WIDTH}) }}; relu",
        "concat { branch { dense(50); relu }; branch { dense(50); tanh } }",
        f"dense({WIDTH}, bias_init=normal(std=1)); tanh",
    ],
)
def test_structures_and_normalisation(block: str) -> None:
    X = standard_normal()
    assert is_close(predicted(block, 3, X)[-1:], [measured(block, 3, X)])


def test_batch_normalisation() -> None:
    """In training, where it normalises: relu of a standard normal signal."""
    stds = predicted(
        f"dense({WIDTH}, init=normal(std=0.01)); batch_norm; relu", 3, standard_normal()
    )
    assert stds == pytest.approx([np.sqrt(1 / 2 - 1 / (2 * np.pi))] * 3, rel=1e-2)


@pytest.mark.parametrize(
    ("block", "depth"),
    [
        ("dense(100, init=normal(std=0.01)); relu", 4),
        ("dense(100, init=he); relu", 6),
        ("dense(100, init=xavier); sigmoid", 6),
        ("dense(100, init=normal(std=0.3)); tanh", 5),
    ],
)
def test_the_gradient_on_its_way_back(block: str, depth: int) -> None:
    X = standard_normal()
    text = network(block, depth, X, "; dense(10)")
    model = nndsl.load("net.nn", text=f"{text}\n{TRAIN}")
    squares = []
    for example in range(40):  # one at a time: those of a batch would add up or cancel
        _, gradients = model.loss_and_gradients(X[example : example + 1], np.array([example % 10]))
        biases = [g for name, g in gradients.items() if name.startswith("b")]
        squares.append([float((b**2).mean()) for b in biases[:-1]])
    sizes = np.sqrt(np.mean(squares, axis=0))
    expected = [stage.gradient for stage in prediction(text, X).hidden]
    assert is_close([g / expected[-1] for g in expected], [s / sizes[-1] for s in sizes])
