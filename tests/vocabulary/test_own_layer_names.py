"""No name of a page's own layer hides one that its script, or the layer itself, needs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from own_layer_pages import checked

import nndsl

NAMES = "lambda self cache gradients forward backward parameters model_x np dtype N print state"


@pytest.mark.parametrize("name", NAMES.split())
@pytest.mark.parametrize("page", ["({0}) {{ y = x * {0} }}", " {{ {0} = 2 * x; y = {0} }}"])
def test_a_name_that_is_needed_is_refused(page: str, name: str) -> None:
    _, said = checked("layer mine" + page.format(name), "mine(2)" if "(" in page else "mine", (3,))
    assert said[0].code == "NN225"


@pytest.mark.parametrize("name", ["W1", "A1", "X", "loss", "shape", "epochs", "memory"])
def test_other_names_are_free(name: str) -> None:
    layer, said = checked(f"layer mine {{ {name} = 2 * x; y = {name} }}", "mine", (3,))
    assert layer is not None
    assert not said


LONG = "a = tanh(z); b = exp(-a * a); y = a + b / (1 + b * b)"
CAPITALS = {
    "a name": "WIDTH = x * k; z = WIDTH",
    "a parameter": "WIDTH = parameter(features); z = x * k + WIDTH",
    "an argument": "z = x * k + WIDTH",
}


@pytest.mark.parametrize(
    ("what", "rest", "style"), [*product(CAPITALS, ("y = z", LONG), ("flat", "layers"))]
)
def test_a_name_like_a_constant_is_the_layer_s(what: str, rest: str, style: str) -> None:
    arguments = "k, WIDTH=2" if what == "an argument" else "k"
    use = f"mine(width{', 2' * (what == 'an argument')})"
    text = f"""let width = 3
data = blobs(classes=3, samples=30)
layer mine({arguments}) {{ {CAPITALS[what]}; {rest} }}
network {{ dense(width); {use}; dense(width) }}
train {{ loss = softmax_cross_entropy; optimizer = sgd(lr=0.1) }}
"""
    model = nndsl.load("own", text=text, style=style)
    report = nndsl.check_gradients(model)
    assert report.passed, str(report)
    other = nndsl.load("own", text=text.replace("mine(width", "mine(3"), style=style)
    X = np.linspace(-1, 1, 30).reshape(5, 6)
    assert np.array_equal(model.predict(X), other.predict(X))
