"""Both styles of a script compute the same: losses, gradients, predictions, statistics."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from every_word import NEEDS_HOLDER, ONLY_PREDICTS, composite, words_of, written
from test_golden_scripts import NETWORKS
from test_pairs import STRUCTURES, assert_lints

import nndsl
from nndsl.live.arrays import listed
from nndsl.live.model import Model
from nndsl.live.random_examples import draw_examples, draw_targets

ROOT = Path(__file__).parents[2]
SPECS = [
    path
    for path in [*sorted((ROOT / "specs").rglob("*.nn")), *NETWORKS]
    if "minimize" not in path.read_text()
]
LAYERS = [word for word in words_of("layers") if word not in {**NEEDS_HOLDER, **ONLY_PREDICTS}]
# A value that is read three times has the sum of three gradients, and floats add up in two orders.
READ_OFTEN = {"structures", "a value read by many"}
# What a layer's second copy calls the values that its first has names for.
OTHER_NAMES = {
    "cross_attention": {"m = ": "n = ", "(m)": "(n)"},
    "dot": {"a = ": "b = ", "(a)": "(b)"},
}


def pair(spec: Path | str, text: str | None = None) -> tuple[Model, Model]:
    flat, layers = (nndsl.load(spec, text=text, style=style) for style in ("flat", "layers"))
    assert "(Layer):" in layers.source  # the class of one, Sequential or Network
    assert "(Layer):" not in flat.source
    return flat, layers


def assert_equal(flat: Model, layers: Model, *, exactly: bool = True) -> None:
    """Compare what both make of the same examples, twice: statistics move in between."""
    rng = np.random.default_rng(1)
    X = draw_examples(flat, 6, rng)
    limit = 0.0 if exactly else 1e-5
    for one, other in zip(listed(flat.predict(X)), listed(layers.predict(X)), strict=True):
        assert np.array_equal(one, other)
    if flat.spec.train is None:
        return
    t = draw_targets(flat, 6, rng)
    for _ in range(2):
        (loss, gradients), (same, others) = (m.loss_and_gradients(X, t) for m in (flat, layers))
        assert loss == same
        assert list(gradients) == list(others) == list(flat.script.trained)
        for name, gradient in gradients.items():
            assert gradient.shape == others[name].shape
            np.testing.assert_allclose(others[name], gradient, rtol=limit, atol=limit)
    for name, state in flat.state.items():
        assert np.array_equal(state, layers.state[name])
    assert flat.evaluate(X, t) == layers.evaluate(X, t)


@pytest.mark.slow
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_specs(path: Path) -> None:
    flat, layers = pair(path)
    assert_equal(flat, layers, exactly=path.stem not in READ_OFTEN)


def test_a_first_layer_has_all_functions_that_its_class_calls() -> None:
    """A flat script leaves out what gives the gradient of the input; a class has it."""
    assert_equal(*pair("one.nn", text_of("reshape(1, 2, 3); conv2d(2, 2); flatten; dense(3)")))


def test_pixels_as_positions() -> None:
    """`patches(1)` reads the number of examples on its way back alone."""
    text = (
        "network { input(1, 3, 3); conv2d(3, 2, padding=same); patches(1) }\n"
        "train { loss = softmax_cross_entropy; optimizer = sgd }\n"
    )
    assert_equal(*pair("one.nn", text))


def text_of(network: str, loss: str = "softmax_cross_entropy") -> str:
    return f"""
data = blobs(classes=3, samples=60, features=6)
network {{ {network} }}
train {{ loss = {loss}; optimizer = sgd(lr=0.1); regularize = l2(0.01) }}
"""


@pytest.mark.slow
@pytest.mark.parametrize("word", LAYERS)
def test_every_layer(word: str) -> None:
    first = second = written("layers", word)
    for name, other in OTHER_NAMES.get(word, {}).items():  # a name is given once
        second = second.replace(name, other)
    text = f"dense(6); {first}; flatten; dense(6); {second}; flatten; dense(3)"
    flat, layers = pair(word, text_of(text))
    assert_equal(flat, layers)
    assert_lints(layers.source)


@pytest.mark.slow
@pytest.mark.parametrize("name", STRUCTURES)
def test_structures(name: str) -> None:
    text = text_of(STRUCTURES[name]).replace("features=6", "features=4")
    assert_equal(*pair(name, text), exactly=name not in READ_OFTEN)


@pytest.mark.slow
def test_all_layers_in_one_network() -> None:
    flat, layers = pair("all", composite("float64"))
    assert_equal(flat, layers, exactly=False)
    assert_lints(layers.source)


@pytest.mark.slow
@pytest.mark.parametrize("style", ["flat", "layers"])
def test_the_page_is_held_to_lengths_with_names(style: str) -> None:
    lets = "let half = 3\nlet whole = 2 * half\n"
    layers = "dense(12); reshape(2, whole); gru(half); flatten; dense(3)"
    text = lets + text_of(layers)
    parts = nndsl.check_script(nndsl.load("lengths", text=text, style=style))
    assert [part.part for part in parts if part.wrong] == []


def test_a_layer_of_the_page() -> None:
    own = "layer swish(beta=1.5) { y = x / (1 + exp(-beta * x)) }\n"
    flat, layers = pair("own", own + text_of("dense(6); swish; dense(6); swish(2.0); dense(3)"))
    assert_equal(flat, layers)
    assert "Swish(beta=" in layers.source


@pytest.mark.parametrize("naming", ["blackboard", "book"])
def test_a_class_says_what_its_own_variant_does(naming: str) -> None:
    text = text_of("dense(4, bias=false); relu; dense(3)")
    script = nndsl.build("net.nn", text=text, style="layers", names=naming)
    found = re.findall(r'^class \w+\(Layer\):\n    """(y = x W.*)"""', script, re.MULTILINE)
    assert found == ["y = x W.", "y = x W + b."]
