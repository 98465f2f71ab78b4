"""A layer of a page that predicts otherwise than it trains: `evaluate { … }`, and noise."""

from __future__ import annotations

import jsonschema
import numpy as np
import pytest

import nndsl
from nndsl.analysis.compile import read_tree
from nndsl.analysis.json_form import tree_to_json
from nndsl.analysis.schema import json_schema
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source

PAGE = """
layer drop(rate=0.5) {
  keep = uniform(0, 1) >= rate
  y = where(keep, x / (1 - rate), 0)
  evaluate { y = x }
}
layer noisy(std=0.1) {
  W = parameter(features, features)
  h = tanh(x @ W)
  y = h + normal(0, std) + normal(1, std)
  evaluate { shifted = h + 1; y = shifted }
}
data = blobs(classes=3, samples=60, test=0.2)
network { dense(6); drop; noisy; dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 2 }
"""


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"style": "layers"}, {"optimize": True}])
def test_training_has_noise_and_prediction_has_none(options: dict[str, bool]) -> None:
    model = nndsl.load("page", text=PAGE, **options)
    report = nndsl.check_gradients(model)
    assert report.passed, str(report)
    X, _ = model.data()["test"]
    W1, b1, W2, W3, b3 = model.parameters.values()
    wanted = (np.tanh((X @ W1 + b1) @ W2) + 1) @ W3 + b3
    np.testing.assert_allclose(model.predict(X), wanted, rtol=1e-4, atol=1e-5)


def test_two_draws_are_two() -> None:
    source = nndsl.load("page", text=PAGE).source
    assert source.count("noise_rng.standard_normal(") == 2
    assert source.count("noise_rng.random(") == 1


@pytest.mark.parametrize(
    ("inside", "code", "said"),
    [
        ("z = x", "NN228", "`evaluate` of layer `mine` does not say what `y` is"),
        ("y = sum(x)", "NN301", "`y` has another shape here than in training"),
        ("W = parameter(features); y = x * W", "NN224", "a parameter belongs to training and"),
        ("y = q", "NN201", "unknown name `q`"),
        ("relu; y = x", "NN224", "a layer holds formulas"),
        ("y = x; y = 2 * x", "NN203", "`y` has its value already"),
        ("u = 2 * x; y = u", "NN203", "`u` has its value already"),
        ("y = x * y", "NN201", "unknown name `y`"),
    ],
)
def test_what_is_wrong_is_said(inside: str, code: str, said: str) -> None:
    text = f"layer mine {{ u = tanh(x); y = u; evaluate {{ {inside} }} }}\n"
    found = nndsl.check("page.nn", text=f"{text}network {{ input(3); dense(3); mine }}\n")
    assert code in [one.code for one in found], [one.message for one in found]
    assert any(said in one.message for one in found)


def test_it_stands_once() -> None:
    twice = "layer mine { y = tanh(x); evaluate { y = x }; evaluate { y = x } }\n"
    (found,) = nndsl.check("page.nn", text=f"{twice}network {{ input(3); dense(3); mine }}\n")
    assert (found.code, found.span.text) == ("NN203", "evaluate")


@pytest.mark.slow
def test_it_has_a_json_form() -> None:
    tree = read_tree(Source("page.nn", PAGE), Diagnostics())
    assert tree is not None
    document = tree_to_json(tree, Diagnostics())
    jsonschema.validate(document, json_schema())
    assert document["layers"]["drop"]["formulas"]["evaluate"] == {"y": "=x"}
