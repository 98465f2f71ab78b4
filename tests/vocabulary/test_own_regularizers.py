"""Regularizers of a page are those of the vocabulary, and new ones have right gradients."""

from __future__ import annotations

import numpy as np
import pytest
from execution import run

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.vocabulary.regularizer import Regularizer
from nndsl.vocabulary.regularizers.elastic_net import ElasticNet
from nndsl.vocabulary.regularizers.l1 import L1
from nndsl.vocabulary.regularizers.l2 import L2

NETWORK = "data = digits(test=0.2)\nnetwork {{ dense(8); tanh; dense(10) }}\n"
TRAIN = (
    "train {{ loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); regularize = {}; steps=2 }}"
)


def page(body: str, use: str = "mine") -> str:
    word = f"regularizer mine(a=0.1, b=0.3) {{ {body} }}\n" if body else ""
    return word + (NETWORK + TRAIN).format(use)


def own(body: str) -> Regularizer:
    diagnostics = Diagnostics()
    spec = analyse(Source("page.nn", page(body)), diagnostics).spec
    assert spec is not None
    assert spec.train is not None, [one.message for one in diagnostics.diagnostics]
    assert spec.train.regularize is not None
    return spec.train.regularize


@pytest.mark.parametrize(
    ("body", "builtin"),
    [
        ("penalty = a * abs(w)", L1(strength=0.1)),
        ("penalty = a / 2 * sum(w**2)", L2(strength=0.1)),
        ("size = abs(w); penalty = a * size + b / 2 * w * w", ElasticNet(l1=0.1, l2=0.3)),
    ],
)
def test_it_is_that_of_the_vocabulary(body: str, builtin: Regularizer) -> None:
    found = [passes(word) for word in (own(body), builtin)]
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-14)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-14)


def passes(word: Regularizer) -> tuple[float, np.ndarray]:
    w = np.random.default_rng(0).normal(size=(3, 4))
    fields = {name: getattr(word, name) for name in type(word).model_fields}
    made = run(f"{word.forward}\n", weights=(w,), **fields)
    return made["penalty"], run(word.backward, w=w, dtype=np.float64, **fields)["dw"]


def test_they_read_as_those_of_the_vocabulary() -> None:
    found = own("penalty = a * abs(w)")
    assert found.forward == "penalty = a * sum(np.abs(w).sum() for w in weights)"
    assert found.backward == "dw = a * np.sign(w)"


@pytest.mark.slow
@pytest.mark.parametrize("style", ["flat", "layers"])
def test_a_root_has_a_right_gradient(style: str) -> None:
    """What the forward pass computed is not at hand where a weight's gradient is."""
    text = page("u = sqrt(w * w + b); penalty = a * u")
    report = nndsl.check_gradients(nndsl.load("page", text=text, style=style))
    assert report.passed, str(report)


def test_the_same_weights_are_learnt_as_with_that_of_the_vocabulary() -> None:
    models = [
        nndsl.load("page", text=text, dtype="float64")
        for text in (page("penalty = a * abs(w)"), page("", "l1(0.1)"))
    ]
    for model in models:
        model.fit()
    for name, value in models[0].parameters.items():
        np.testing.assert_allclose(value, models[1].parameters[name], rtol=1e-12, atol=1e-15)


def test_one_line_that_would_be_too_long_is_refused_at_once() -> None:
    """As one formula, these lines would be two to the power of 60 operations."""
    lines = "; ".join(f"a{n} = a{n - 1} + a{n - 1} * w" for n in range(1, 61))
    found = nndsl.check("page.nn", text=page(f"a0 = a * b * w; {lines}; penalty = a60"))
    assert [one.code for one in found] == ["NN213"]


@pytest.mark.parametrize("name", ["weights", "softmax"])
def test_names_of_scripts_are_no_arguments(name: str) -> None:
    text = f"regularizer mine({name}=1) {{ penalty = {name} * w**2 }}\n"
    found = nndsl.check("page.nn", text=text + (NETWORK + TRAIN).format("mine"))
    assert [one.code for one in found] == ["NN225"]
