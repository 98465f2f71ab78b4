"""Frozen layers, and layers that begin with the weights of another training."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics, SpecError
from nndsl.emit.build import build_script
from nndsl.files import copy
from nndsl.live.gradients.check import check_gradients
from nndsl.source import Source, read_source

TRAIN = "train { loss = softmax_cross_entropy; optimizer = adamw(lr=0.01); epochs = 2 }\n"
BASE = f"""\
data = digits(training=200, test=100)
network {{ dense(12); batch_norm; relu; dense(10) }}
{TRAIN}"""
FINE = f"""\
data = digits(training=200, validation=50, test=100)
network {{
  frozen {{ pretrained("base.npz") {{ dense(12); batch_norm }}; relu }}
  dense(8)
  relu
  dense(10)
}}
{TRAIN.replace("epochs", "regularize = l2(0.01); epochs")}"""
ENDS = {
    "frozen before": "frozen { dense(4); relu }; dense(3)",
    "frozen behind": "dense(4); relu; frozen { dense(3) }",
    "frozen between": "dense(4); frozen { repeat(2) { dense(4); tanh } }; dense(3)",
    "part of a residual": "dense(4); residual { frozen { dense(4) }; tanh }; dense(3)",
    "a convolution": "reshape(1, 2, 3); frozen { conv2d(2, kernel=2) }; relu; flatten; dense(3)",
    "tied": 'frozen { let_me }; tanh; dense(6, weights=tied("let_me")); dense(3)',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.nn").write_text(BASE)
    (tmp_path / "fine.nn").write_text(FINE)
    base = nndsl.load(tmp_path / "base.nn")
    base.fit()
    base.save(tmp_path / "base.npz")
    return tmp_path


def model_of(network: str, *, style: str = "flat", more: str = "") -> nndsl.Model:
    text = "let let_me = dense(4)\n" * ("let_me" in network)
    text += f"network {{ input(6); {network} }}\n"
    text += f"train {{ loss = softmax_cross_entropy; optimizer = sgd(lr=0.1){more} }}\n"
    return nndsl.load("net.nn", text=text.replace('tied("let_me")', "tied(let_me)"), style=style)


@pytest.mark.slow
@pytest.mark.parametrize("style", ["flat", "layers"])
@pytest.mark.parametrize("network", ENDS.values(), ids=ENDS)
def test_what_is_frozen_stays_and_the_rest_has_right_gradients(network: str, style: str) -> None:
    try:
        model = model_of(network, style=style)
    except SpecError as error:
        pytest.fail(str(error))
    assert check_gradients(model).passed
    before = {name: array.copy() for name, array in model.parameters.items()}
    X, t = model.first_batch()
    _, gradients = model.loss_and_gradients(X, t)
    assert 0 < len(gradients) < len(model.parameters)
    model.update(gradients)
    for name, array in model.parameters.items():
        assert np.array_equal(array, before[name]) == (name not in gradients), name


def test_no_gradient_is_computed_in_front_of_what_is_trained() -> None:
    source = model_of("frozen { dense(4); relu; dense(4); relu }; dense(3)").source
    assert "dW3 = A2.T @ dZ3" in source
    assert "dA2" not in source
    assert "dW1" not in source


def test_a_numerical_gradient_leaves_out_what_is_frozen() -> None:
    network = "frozen { dense(4); relu }; dense(3)"
    model = model_of(network, more="; gradient = numerical; dtype = float64")
    exact = model_of(network, more="; dtype = float64")
    X, t = exact.first_batch()
    _, found = model.loss_and_gradients(X, t)
    _, expected = exact.loss_and_gradients(X, t)
    assert found.keys() == expected.keys() == {"W2", "b2"}
    assert all(np.allclose(found[name], expected[name], atol=1e-6) for name in found)


@pytest.mark.slow
@pytest.mark.parametrize("style", ["flat", "layers"])
@pytest.mark.parametrize("optimize", [False, True])
def test_it_begins_with_the_weights_of_the_other(folder: Path, style: str, optimize: bool) -> None:
    if optimize and style == "layers":
        return
    model = nndsl.load(folder / "fine.nn", style=style, optimize=optimize)
    with np.load(folder / "base.npz") as base:
        for name in ("W1", "b1", "gamma1", "beta1"):
            assert np.array_equal(model.parameters[name], base[name])
        assert np.array_equal(model.state["running_mean1"], base["running_mean1"])
    begun = {name: array.copy() for name, array in model.parameters.items()}
    history = model.fit()
    moved = [name for name, p in model.parameters.items() if not np.array_equal(p, begun[name])]
    assert moved == ["W2", "b2", "W3", "b3"]
    assert history.rows[-1]["loss"] < history.rows[0]["loss"]
    assert check_gradients(model).passed


def test_the_script_and_the_live_model_end_alike(folder: Path) -> None:
    diagnostics = Diagnostics()
    checked = analyse(read_source(folder / "fine.nn"), diagnostics, {})
    script = build_script(checked)
    (folder / "there").mkdir()
    for name, file in script.files.items():
        copy(file.path, folder / "there" / name)
    path = folder / "there" / "train.py"
    path.write_text(script.text)
    subprocess.run([sys.executable, path], check=True, capture_output=True)
    model = nndsl.load(folder / "fine.nn")
    model.fit()
    with np.load(path.with_suffix(".weights.npz")) as trained:
        for name, array in model.parameters.items():
            assert np.array_equal(array, trained[name]), name


@pytest.mark.slow
def test_weights_may_be_gone_once_a_training_has_ended(folder: Path) -> None:
    def run(*words: str) -> None:
        subprocess.run([sys.executable, "-m", "nndsl", *words], check=True, cwd=folder)

    run("run", "base.nn", "-o", "runs/base")
    (folder / "again.nn").write_text(FINE.replace("base.npz", "runs/base"))
    run("run", "again.nn", "-o", "runs/again")
    model = nndsl.load(folder / "runs/again")
    expected = model.predict(X := model.data()["test"][0])
    (folder / "runs/base").rename(folder / "moved")
    again = nndsl.load(folder / "runs/again")
    assert np.array_equal(again.predict(X), expected)
    assert again.data().keys() == {"training", "validation", "test"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("base.npz", "none.npz", "there are no weights in `none.npz`"),
        ("base.npz", "fine.nn", "there are no weights in `fine.nn`"),
        ("dense(12)", "dense(13)", "W1 is 64 x 13 here, and 64 x 12 in the weights of `base.npz`"),
        ("batch_norm", "layer_norm; batch_norm", 'the file has no array "gamma1_2"'),
    ],
)
def test_what_does_not_fit_is_said_at_its_place(
    old: str, new: str, said: str, folder: Path
) -> None:
    source = Source("fine.nn", FINE.replace(old, new, 1), folder / "fine.nn")
    diagnostics = Diagnostics()
    with pytest.raises(SpecError):
        build_script(analyse(source, diagnostics, {}))
    first = diagnostics.diagnostics[0]
    assert first.code == "NN319"
    assert said in first.message
    assert first.span.text.startswith("pretrained(")
