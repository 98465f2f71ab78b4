"""Values with names: what a network computes that parts and joins by them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nndsl
from nndsl.vocabulary import registry
from nndsl.vocabulary.layer import Layer

TRAIN = "train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 1 }"
CHAIN = "input(64); dense(20); relu; residual { dense(20); tanh }; dense(10)"
NAMED = """
  input image(64)
  dense(20)
  skip = relu
  inner = dense(20)
  body = tanh
  skip
  residual(body) { skip }
  dense(10)
"""


def load(network: str, **options: Any) -> nndsl.Model:
    return nndsl.load(
        "net.nn", text=f"data = digits()\nnetwork {{ {network} }}\n{TRAIN}", **options
    )


def test_names_change_no_number() -> None:
    """The same network with and without names: the same weights behind an epoch."""
    named, chain = load(NAMED), load(CHAIN)
    for model in (named, chain):
        model.fit()
    for name, array in chain.parameters.items():
        assert (array == named.parameters[name]).all(), name


def test_the_script_has_the_names_of_the_page() -> None:
    source = load(NAMED).source
    assert "    skip = np.maximum(0, Z1)" in source
    assert "    dinner = dR2 * (1 - body * body)" in source


OF_THE_FRAME = """
  g = dense(20)
  p = relu
  w1 = dense(20)
  rate = add(p)
  repeat(2) { shape = dense(20); order = tanh }
  dense(10)
"""


def test_a_value_may_be_called_as_something_in_another_function() -> None:
    """But not as a parameter, whose name belongs to its weights."""
    model = load(OF_THE_FRAME)
    assert "    rate = w1_out + p" in model.source
    assert "w1_out = p @ W2 + b2" in model.source
    assert [*model.parameters][:2] == ["W1", "b1"]
    model.fit()


class Shifted(Layer):
    """y = x + 2 by, where `by` is given."""

    optional_inputs = ("by",)
    positional = 0

    @property
    def inputs(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("x", *self.given_inputs)

    @property
    def forward(self) -> str:  # type: ignore[override]
        return "y = x + 2 * by" if self.given_inputs else "y = x"


@pytest.mark.slow
def test_a_layer_takes_values_by_the_names_of_its_inputs() -> None:
    with registry.added(Shifted):
        model = load("a = dense(20); relu; b = dense(20); shifted(a, by=b); shifted; dense(10)")
        assert " = a + 2 * b" in model.source
        assert nndsl.check_gradients(model).passed


def test_blocks_take_several_values_and_networks_give_several() -> None:
    text = """
    block cross(width) {
      input a
      input b
      x = dense(a, width)
      y = dense(b, width)
      output sum = add(x, y)
    }
    network {
      input(8)
      h = relu
      g = tanh
      cross(h, g, 5)
      output digit = dense(10)
      output parity = dense(h, 1)
    }
    """
    source = nndsl.build("net.nn", text=text)
    assert "    sum_2 = x + y" in source  # `sum` is Python's
    assert "    return digit, parity" in source


def test_a_block_gives_several_values_names() -> None:
    """Those of the page, and not those inside; nothing is above the next line."""
    text = """
    block parted(n) {
      input x
      h = dense(x, n)
      output low  = tanh(h)
      output high = relu(h)
    }
    network {
      input(8)
      a, b = parted(8)
      c, d = parted(b, 8, weights=tied(a))
      multiply(a, c, d)
    }
    """
    source = nndsl.build("net.nn", text=text)
    assert "a = tanh(h)    b = max(0, h)" in source
    assert "c = tanh(h_2)    d = max(0, h_2)" in source
    (error,) = nndsl.check("net.nn", text=text.replace("multiply(a, c, d)", "relu"))
    assert (error.code, error.help) == ("NN316", "name it: relu(d, …)")


PARTED = """
  input image(64)
  dense(20)
  skip = relu
  a = dense(12)
  gate = sigmoid
  b = dense(skip, 12)
  multiply(a, gate)
  both = dot(b)
  concat(gate, b)
  kept = residual { dense(25); dropout(0.1) }
  repeat(kept, 2) { dense(25); tanh }
  out = dense(10)
  add { branch { dense(skip, 10); relu }; branch { out } }
"""


@pytest.mark.slow
@pytest.mark.parametrize("style", ["flat", "layers"])
def test_a_network_that_parts_and_joins_is_right_in_both_styles(style: str) -> None:
    network = PARTED.replace("concat(gate, b)", "concat(gate, b, both)")
    text = f"data = digits()\nnetwork {{ {network} }}\n{TRAIN}"
    report = nndsl.check_gradients(nndsl.load("net.nn", text=text, style=style))
    assert report.passed, str(report)


@pytest.mark.slow
def test_both_styles_train_to_the_same_weights() -> None:
    network = PARTED.replace("concat(gate, b)", "concat(gate, b, both)")
    text = f"data = digits()\nnetwork {{ {network} }}\n{TRAIN}"
    flat, layers, fast = (
        nndsl.load("net.nn", text=text, **options)  # type: ignore[arg-type]
        for options in ({}, {"style": "layers"}, {"optimize": True})
    )
    for model in (flat, layers, fast):
        model.fit()
    for name, array in flat.parameters.items():
        assert np.allclose(layers.parameters[name], array, atol=1e-5), name
        assert np.allclose(fast.parameters[name], array, atol=1e-5), name


ROUNDS = """
  dense(12)
  repeat(4) {
    h = tanh
    a = dense(h, 12)
    b = relu(h)
    residual(a) { dense(12); tanh }
    add(b)
  }
  repeat(2) { residual { k = dense(12); c = relu(k); tanh(k); add(c) } }
  dense(10)
"""


@pytest.mark.slow
def test_rounds_in_whose_lines_values_part_are_right_as_objects() -> None:
    flat, objects = load(ROUNDS), load(ROUNDS, style="layers")
    assert "        dh = self.layers[2].backward(db)" in objects.source
    for model in (flat, objects):
        model.fit()
    for name, array in flat.parameters.items():
        assert np.allclose(objects.parameters[name], array, atol=1e-5), name
    report = nndsl.check_gradients(objects)
    assert report.passed, str(report)


TOWERS = """
data = digits()
block tower(n) {
  dense(n)
  relu
  residual { dense(n); tanh }
}
network {
  input(64)
  h = dense(20)
  k = tanh
  a = tower(h, 12)
  b = tower(k, 12, weights=tied(a))
  d = abs(a - b) * 0.5
  dense(10)
}
"""


@pytest.mark.slow
def test_towers_share_the_statistics_of_their_batches() -> None:
    """As PyTorch's module does that is called twice: either call moves the running mean."""
    text = TOWERS.replace("dense(n)\n  relu", "dense(n, bias=false)\n  batch_norm\n  relu", 1)
    train = TRAIN.replace("epochs = 1", "steps = 1; batch = 20")
    flat, layers = (nndsl.load("net.nn", text=text + train, style=s) for s in ("flat", "layers"))
    assert flat.source.count("def batch_norm(") == flat.source.count("def batch_norm") - 1
    assert list(flat.state) == ["running_mean2", "running_var2"]
    W1, b1, W2 = (flat.parameters[name].copy() for name in ("W1", "b1", "W2"))
    X, t = flat.data()["training"]
    flat.loss_and_gradients(X[:20], t[:20])
    h = X[:20] @ W1 + b1
    mean = 0.1 * (h @ W2).mean(axis=0)
    mean += 0.1 * ((np.tanh(h) @ W2).mean(axis=0) - mean)
    assert np.allclose(flat.state["running_mean2"], mean, atol=1e-6)
    layers.loss_and_gradients(X[:20], t[:20])
    assert np.allclose(layers.state["running_mean2"], mean, atol=1e-6)
    report = nndsl.check_gradients(flat)
    assert report.passed, str(report)


@pytest.mark.slow
def test_towers_share_their_weights_and_a_formula_compares_them() -> None:
    model = nndsl.load("net.nn", text=TOWERS + TRAIN)
    assert list(model.parameters) == ["W1", "b1", "W2", "b2", "W3", "b3", "W6", "b6"]
    assert "np.abs(a - b) * 0.5" in model.source
    assert nndsl.check_gradients(model).passed


@pytest.mark.slow
def test_towers_in_the_style_of_layers() -> None:
    model = nndsl.load("net.nn", text=TOWERS + TRAIN, style="layers")
    assert nndsl.check_gradients(model).passed


def test_towers_are_objects_of_one_class() -> None:
    text = TOWERS.replace("residual { dense(n); tanh }", "dense(n)")
    source = nndsl.load("net.nn", text=text + TRAIN, style="layers").source
    assert source.count("class Dense") == source.count("class Tower") == 1
    assert '    names = "W1", "b1", "W2", "b2", "W3", "b3", "W2", "b2", "W3", "b3", "W' in source


SHARED = """
data = digits()
network {
  reshape(8, 8)
  x = tanh
  a = conv1d(4, kernel=3, padding=same)
  b = conv1d(x, 4, kernel=3, padding=same, weights=tied(a))
  c = conv1d(a, 4, kernel=1)
  d = conv1d(b, 4, kernel=1, weights=tied(c))
  add(c, d)
  flatten
  dense(10)
}
"""


@pytest.mark.slow
@pytest.mark.parametrize("style", ["flat", "layers"])
def test_single_layers_share_their_weights(style: str) -> None:
    model = nndsl.load("net.nn", text=SHARED + TRAIN, style=style)
    assert list(model.parameters) == ["W1", "b1", "W3", "b3", "W5", "b5"]
    assert nndsl.check_gradients(model).passed


def test_a_layer_takes_no_weights_of_another_word() -> None:
    text = "network { input x(8); a = dense(x, 8); b = self_attention(x, 2, weights=tied(a)) }"
    (found,) = nndsl.check("net.nn", text=text)
    assert (found.code, found.help) == (
        "NN314",
        "name one above: a = self_attention(…), and weights=tied(a)",
    )


def test_a_tied_tower_of_another_shape_is_refused() -> None:
    text = TOWERS.replace("tower(k, 12,", "tower(k, 14,")
    (found,) = nndsl.check("net.nn", text=text)
    assert found.code == "NN314"
    assert "`W` of `dense` would be 20 x 14" in found.message


PRODUCT = """
  input(8)
  a = dense(4)
  b = relu
  c = dense(4)
  add(a, b, c)
  multiply(c)
  d = relu
  add(c)
  dense(2)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("style", "network"),
    [
        ("flat", "input(2, 3); h = gru(2); dense(2)"),  # the layer calls its states so, too
        pytest.param("layers", PRODUCT, id="a product that is 0, at a relu"),
    ],
)
def test_a_value_is_told_from_what_a_layer_calls_so(style: str, network: str) -> None:
    text = f"network {{ {network} }}\n{TRAIN}"
    report = nndsl.check_gradients(nndsl.load("net.nn", text=text, style=style))
    assert report.passed, str(report)


def regression(network: str, **options: Any) -> nndsl.Model:
    train = "train { loss = mean_squared_error; optimizer = adam }"
    return nndsl.load("net.nn", text=f"network {{ {network} }}\n{train}", **options)


LIKE_OTHERS = """
  input x(8)
  a, da = twice(x)
  t = tanh(a)
  y = dense(x, 8)
  dy = relu(y)
  N = dense(x, 8)
  q = (t * y + N) * da + a * dy
  dense(q, 2)
"""


@pytest.mark.slow
@pytest.mark.parametrize("style", ["flat", "layers"])
def test_a_formula_takes_values_that_scripts_call_otherwise(style: str) -> None:
    """`da` was taken for the gradient of `a`, which was wrong; `t`, `y` and `N` were refused."""
    block = "block twice { input x; output a = dense(x, 8); output b = dense(x, 8) }\n"
    text = f"{block}network {{ {LIKE_OTHERS} }}\n"
    train = "train { loss = mean_squared_error; optimizer = adam }"
    assert nndsl.check_gradients(nndsl.load("net.nn", text=text + train, style=style)).passed


DRAWN = """
  input(8)
  dense(6)
  h = relu
  mu = dense(h, 4)
  spread = dense(h, 4)
  z = mu + exp(spread / 2) * normal(0, 1)
  dense(z, 8)
"""


@pytest.mark.slow
@pytest.mark.parametrize("style", ["flat", "layers"])
def test_a_formula_draws_noise_in_training_alone(style: str) -> None:
    """The reparametrisation of a variational autoencoder; prediction takes the mean."""
    model = regression(DRAWN, style=style)
    assert "noise_rng.standard_normal(mu.shape)" in model.source
    assert nndsl.check_gradients(model).passed
    X = np.random.default_rng(0).standard_normal((5, 8))
    assert (model.predict(X) == model.predict(X)).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "formula",
    [
        "a * previous(b) + mean(b, axis=positions)",
        "mean(a * b, axis=positions)",
        "a - max(b, axis=positions)",
    ],
)
def test_a_formula_looks_along_positions(formula: str) -> None:
    network = f"input(5, 3); as_positions; a = dense(4); b = dense(4); c = {formula}; dense(2)"
    assert nndsl.check_gradients(regression(network)).passed


def test_a_call_alone_is_a_formula_that_looks_along_positions() -> None:
    network = "input(5, 3); as_positions; a = dense(4); c = previous(a); dense(2)"
    assert "np.zeros_like" in regression(network).source


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("a @ a", "would mix examples"),
        ("mean(a, axis=positions) * row", "differs in its positions"),
    ],
)
def test_a_formula_that_mixes_rows_is_refused(formula: str, said: str) -> None:
    network = f"input(5, 3); as_positions; a = dense(4); row = pool_positions; c = {formula}"
    (error, *_) = nndsl.check("net.nn", text=f"network {{ {network}; dense(c, 2) }}")
    assert error.code == "NN301"
    assert said in error.message
    assert "Rows" not in error.message
