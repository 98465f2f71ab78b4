"""A script defines the functions that it calls, also those that a derived backward pass brings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import nndsl
from nndsl.vocabulary import registry
from nndsl.vocabulary.layer import Layer

SPEC = """
data = spiral(classes=3, samples=60, test=0.2)
network { dense(8); smooth_corner; dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 2 }
"""


class SmoothCorner(Layer):
    """y = log(1 + exp(x)). Its derived backward pass calls what its forward pass does not."""

    nonlinear = True
    equation = "y = log(1 + exp(x))"
    forward = "y = np.logaddexp(0, x)"


class OwnCurve(SmoothCorner):
    """One that has a function of its own, by a name that formulas know, too."""

    functions = '''
def sigmoid(z):
    """Return the logistic function."""
    return 1 / (1 + np.exp(-z))
'''


@pytest.fixture(autouse=True)
def words() -> Iterator[None]:
    with registry.added(SmoothCorner), registry.added(OwnCurve):
        yield


@pytest.mark.parametrize("word", ["smooth_corner", "own_curve"])
@pytest.mark.parametrize("style", ["flat", "layers"])
def test_a_new_layer_trains(tmp_path: Path, word: str, style: str) -> None:
    path = tmp_path / "net.nn"
    path.write_text(SPEC.replace("smooth_corner", word), encoding="utf-8")
    model = nndsl.load(path, style=style)
    assert model.source.count("\ndef sigmoid(z):") == 1
    assert ("Return the logistic function" in model.source) == (word == "own_curve")
    assert "def softmax(" not in model.source
    before = {name: value.copy() for name, value in model.parameters.items()}
    model.fit()
    assert all((model.parameters[name] != value).any() for name, value in before.items())


def test_the_script_is_held_to_its_page(tmp_path: Path) -> None:
    path = tmp_path / "net.nn"
    path.write_text(SPEC, encoding="utf-8")
    report = nndsl.check_gradients(nndsl.load(path))
    assert report.passed, str(report)
