"""Padding has no part in what a network computes: an example says the same with it or without.

The layers themselves are compared with PyTorch's elsewhere, of examples without padding; what is
padded is held to those here, forward and backward.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.live.model import Model

KINDS, LONGEST = 12, 6
BODIES = {
    "rnn": "rnn(4)",
    "lstm": "lstm(4, output=all); lstm(3)",
    "gru": "gru(4, output=all); pool_positions(by=last)",
    "bidirectional": "bidirectional { lstm(3, output=all) }; pool_positions(by=max)",
    "reverse": "reverse; gru(4)",
    "mean": "dense(5); relu; pool_positions",
    "first": "pool_positions(by=first)",
    "self_attention": "residual { layer_norm; self_attention(heads=2) }; pool_positions",
    "causal": "self_attention(causal=true); pool_positions(by=last)",
    "cross_attention": "m = gru(4, output=all); pool_positions(by=max); repeat_vector(2); "
    "cross_attention(memory=m); flatten",
    "repeated": "repeat(2) { residual { self_attention }; dense(4) }; pool_positions",
}


def network(body: str, length: int, style: str = "flat", padding: str = "") -> Model:
    text = f"""
        network {{
          input({length}, tokens={KINDS}{padding})
          embedding(4)
          {body}
          dense(3)
        }}
        train {{ loss = softmax_cross_entropy; optimizer = sgd(lr=0.1) }}
    """
    return nndsl.load("net.nn", text=text, dtype="float64", style=style)


def with_weights_of(model: Model, other: Model) -> Model:
    for name, array in other.parameters.items():
        model.parameters[name][...] = array
    return model


QUICK = {"lstm", "bidirectional", "cross_attention"}


@pytest.mark.parametrize(
    "body",
    [pytest.param(b, marks=[] if b in QUICK else pytest.mark.slow) for b in sorted(BODIES)],
)
def test_an_example_says_the_same_padded_or_alone(body: str) -> None:
    padded = network(BODIES[body], LONGEST, padding=", padding=0")
    rng, T, t = np.random.default_rng(0), LONGEST, np.array([2, 0, 1])
    X, alone_says, gradients = [], [], []
    for start, end, target in zip((0, 0, 2), (T, 3, T), t, strict=True):
        words = rng.integers(1, KINDS, end - start)
        X.append(np.pad(words, (start, T - end)))  # behind the words, and in front of them
        alone = with_weights_of(network(BODIES[body], len(words)), padded)
        alone_says.append(alone.predict(words[None])[0])
        gradients.append(alone.loss_and_gradients(words[None], np.array([target]))[-1])
    np.testing.assert_allclose(padded.predict(np.array(X)), alone_says, rtol=1e-12)
    for name, found in padded.loss_and_gradients(np.array(X), t)[-1].items():
        mean = np.mean([each[name] for each in gradients], axis=0)
        np.testing.assert_allclose(found, mean, rtol=1e-9, atol=1e-14, err_msg=name)


@pytest.mark.parametrize("body", ["bidirectional", "cross_attention", "repeated"])
def test_the_style_of_layers_leaves_padding_out_as_well(body: str) -> None:
    flat = network(BODIES[body], LONGEST, padding=", padding=0")
    layers = network(BODIES[body], LONGEST, "layers", padding=", padding=0")
    X, t = np.array([[3, 1, 0, 0, 0, 0], [2, 4, 1, 5, 0, 0]]), np.array([1, 2])
    with_weights_of(layers, flat)
    theirs, ours = layers.loss_and_gradients(X, t)[-1], flat.loss_and_gradients(X, t)[-1]
    for name in ours:
        np.testing.assert_allclose(theirs[name], ours[name], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("body", "number"),
    [("lstm", 0), pytest.param("bidirectional", -0.5, marks=pytest.mark.slow), ("mean", -9)],
)
def test_vectors_say_the_same_padded_or_alone(body: str, number: float) -> None:
    def vectors(length: int, padding: str) -> Model:
        layers = f"input({length}, 4); as_positions{padding}; {BODIES[body]}; dense(3)"
        return nndsl.load("net.nn", text=f"network {{ {layers} }}", dtype="float64")

    padded = vectors(LONGEST, f"(padding={number})")
    alone = with_weights_of(vectors(2, ""), padded)
    X = np.random.default_rng(0).normal(size=(1, LONGEST, 4))
    X[0, 0, 1] = number  # one feature is not all
    X[:, 2:] = number
    np.testing.assert_allclose(padded.predict(X), alone.predict(X[:, :2]), rtol=1e-12)


TAGS = """
    data = npz("tags.npz", tokens=9, padding=0, validation=0.25)
    network { embedding(4); gru(5, output=all); dense(3) }
    train {
      loss = softmax_cross_entropy; optimizer = adam(lr=0.01)
      metrics = [accuracy, exact_match]; epochs = 1; dtype = float64
    }
"""


@pytest.fixture
def tagged(tmp_path: Path) -> Model:
    rng = np.random.default_rng(1)
    X, t = np.zeros((40, 5), int), np.full((40, 5), -1)
    for row, length in enumerate(rng.integers(1, 6, 40)):
        X[row, :length] = rng.integers(1, 9, length)
        t[row, :length] = rng.integers(0, 3, length)
    np.savez(tmp_path / "tags.npz", x=X, t=t)
    (tmp_path / "tags.nn").write_text(TAGS)
    return nndsl.load(tmp_path / "tags.nn")


def test_where_there_is_no_target_nothing_is_learnt_or_measured(tagged: Model) -> None:
    X, t = tagged.data()["training"]
    loss, _ = tagged.loss_and_gradients(X, t)
    log_P = tagged.predict(X) - np.logaddexp.reduce(tagged.predict(X), axis=2, keepdims=True)
    counted = t >= 0
    each = -np.take_along_axis(log_P, np.maximum(t, 0)[..., None], axis=2)[..., 0]
    assert loss == pytest.approx(each[counted].mean(), rel=1e-12)
    right = tagged.predict(X).argmax(axis=2) == t
    measured = tagged.evaluate(X, t)
    assert measured["accuracy"] == pytest.approx(right[counted].mean())
    assert measured["exact_match"] == pytest.approx((right | ~counted).all(axis=1).mean())
    other = X.copy()
    other[~counted] = 8  # what stands at padding would be read, were it no padding
    assert tagged.loss_and_gradients(other, t)[0] == pytest.approx(loss, rel=1e-12)


def test_a_loss_of_values_needs_a_target_everywhere(tagged: Model, tmp_path: Path) -> None:
    (tmp_path / "tags.nn").write_text(TAGS.replace("softmax_cross_entropy", "mean_squared_error"))
    with pytest.raises(nndsl.SpecError, match=r"NN306.*needs a target everywhere"):
        nndsl.load(tmp_path / "tags.nn")


@pytest.mark.parametrize("line", ["input(4, padding=0)", "input(4, tokens=5, padding=5)"])
def test_padding_is_a_token(line: str) -> None:
    with pytest.raises(nndsl.SpecError, match="`padding` is one of the tokens"):
        nndsl.load("n.nn", text=f"network {{ {line}; embedding(3); gru(2) }}")


def test_weights_belong_to_a_padding(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    network("gru(4)", LONGEST, padding=", padding=0").save(path)
    network("gru(4)", LONGEST, padding=", padding=0").restore(path)
    with pytest.raises(nndsl.ModelError):
        network("gru(4)", LONGEST, padding=", padding=1").restore(path)


def test_an_example_without_any_target_is_refused(tagged: Model, tmp_path: Path) -> None:
    arrays = dict(np.load(tmp_path / "tags.npz"))
    arrays["t"][7] = -1
    np.savez(tmp_path / "tags.npz", **arrays)
    with pytest.raises(nndsl.SpecError, match='row 7 of "t" is -1 everywhere'):
        nndsl.load(tmp_path / "tags.nn")
