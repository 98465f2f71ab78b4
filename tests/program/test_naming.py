"""Whose letters a script has: other names, the same network."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from data_files import errors
from test_same_numbers import ROOT, TRAINED

import nndsl
from nndsl.analysis.compile import Checked
from nndsl.emit.build import build_script
from nndsl.live.gradients.check import check_gradients
from nndsl.live.model import Model
from nndsl.program.style import BLACKBOARD, NAMINGS

GOLDEN = sorted(
    path for path in (ROOT / "tests" / "golden").glob("*.nn") if "descent" not in path.stem
)
OTHERS = [naming for naming in NAMINGS if naming != BLACKBOARD]
SPECS = [
    path
    for path in (*GOLDEN, *TRAINED)
    if path.stem != "mnist"  # its data would be downloaded
]


def named(checked: Checked, naming: str, style: str = "flat") -> Model:
    script = build_script(checked, style=style, naming=naming)
    return Model(checked, script)


@pytest.mark.slow
@pytest.mark.parametrize("style", ["flat", "layers"])
@pytest.mark.parametrize("naming", OTHERS)
@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_it_is_the_same_network(spec: Path, naming: str, style: str) -> None:
    settings = {} if spec.stem == "network_alone" else {"train.batch": 4}
    checked = nndsl.load(spec, set=settings).checked
    plain, other = (named(checked, each, style) for each in (BLACKBOARD, naming))
    assert list(plain.parameters) == list(other.parameters)
    assert plain.script.identity == other.script.identity  # weights of one are weights of the other
    if plain.spec.train is None:
        X = np.random.default_rng(0).normal(size=(3, *plain.script.input_shape))
        assert np.array_equal(plain.predict(X), other.predict(X))
        return
    X, t = (part[:12] for part in plain.data()["training"])
    for _ in range(2):
        (loss, gradients), (said, found) = (m.loss_and_gradients(X, t) for m in (plain, other))
        assert loss == said
        for name, gradient in gradients.items():
            assert gradient.tobytes() == found[name].tobytes(), name
        plain.update(gradients)
        other.update(found)
    assert plain.predict(X).tobytes() == other.predict(X).tobytes()
    assert plain.evaluate(X, t) == other.evaluate(X, t)


@pytest.mark.slow
@pytest.mark.parametrize("naming", OTHERS)
@pytest.mark.parametrize("stem", ["classification", "structures"])
def test_its_gradients_are_proved(naming: str, stem: str) -> None:
    checked = nndsl.load(ROOT / "tests" / "golden" / f"{stem}.nn").checked
    assert check_gradients(named(checked, naming)).passed


TEXT = """
data = digits()
network { dense(4); relu; dense(10) }
train { loss = softmax_cross_entropy; optimizer = momentum; regularize = l2(0.1) }
"""


def test_the_letters_of_the_book() -> None:
    text = nndsl.build("net.nn", text=TEXT, names="book")
    for line in ("a1 = X @ W1 + b1", "z1 = np.maximum(0, a1)", "dz1 = da2 @ W2.T"):
        assert re.search(rf"^    {re.escape(line)} ", text, re.MULTILINE), line
    values = TEXT.replace("softmax_cross_entropy", "mean_squared_error")
    assert "    y = z1 @ W2 + b2 " in nndsl.build("net.nn", text=values, names="book")


def test_the_letters_of_the_course() -> None:
    text = nndsl.build("net.nn", text=TEXT, names="cs231n")
    for line in ("h1 = np.maximum(0, a1)", "scores = h1 @ W2 + b2", "dh1 = dscores @ W2.T"):
        assert re.search(rf"^    {re.escape(line)} ", text, re.MULTILINE), line
    assert "\nREG = 0.1 " in text


def test_the_functions_of_layers_have_them_too() -> None:
    text = TEXT.replace("dense(4)", "dense(4); batch_norm")
    for style in ("flat", "layers"):
        script = nndsl.build("net.nn", text=text, names="book", style=style)
        assert re.search(r"def (batch_norm_)?backward\(\w*,? ?dout", script), style
        assert not re.search(r"\bdy\b", script), style


def test_classes_have_the_names_of_the_book() -> None:
    script = nndsl.build("net.nn", text=TEXT, names="book", style="layers")
    assert "class Affine(Layer):" in script
    assert "loss_layer = SoftmaxWithLoss()" in script
    assert "class Dense(Layer):" in nndsl.build("net.nn", text=TEXT, style="layers")


def test_other_names_are_refused() -> None:
    assert not errors(TEXT)
    with pytest.raises(ValueError, match="blackboard, book, cs231n"):
        nndsl.build("net.nn", text=TEXT, names="bishop")
