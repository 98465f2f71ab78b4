"""Gradients of scripts that are made of objects: proved for every layer, and mistakes are found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from every_word import NEEDS_HOLDER, ONLY_PREDICTS, words_of, written

import nndsl
from nndsl.live.model import Model, ModelError

LAYERS = [word for word in words_of("layers") if word not in {**NEEDS_HOLDER, **ONLY_PREDICTS}]
GOLDEN = Path(__file__).parents[1] / "golden"


def text_of(network: str, train: str = "regularize = l2(0.01)") -> str:
    return f"""
data = blobs(classes=3, samples=30, features=6)
network {{ {network} }}
train {{ loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); {train} }}
"""


@pytest.mark.slow
@pytest.mark.parametrize("word", LAYERS)
def test_every_layer_is_proved(word: str) -> None:
    network = f"dense(6); {written('layers', word)}; flatten; dense(3)"
    model = nndsl.load(word, text=text_of(network), style="layers")
    report = nndsl.check_gradients(model)
    assert report.passed, str(report)
    assert {"X", *model.parameters} >= {row.name for row in report.rows} >= {*model.script.trained}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["structures", "everything", "classification"])
def test_structures_are_proved(name: str) -> None:
    report = nndsl.check_gradients(nndsl.load(GOLDEN / f"{name}.nn", style="layers"))
    assert report.passed, str(report)


def edited(model: Model, before: str, after: str) -> Model:
    assert before in model.source
    script = replace(model.script, text=model.source.replace(before, after, 1))
    return Model(model.checked, script)


MISTAKES = {
    "return dy * (self.x > 0)": "return dy * (self.x > 0.1)",
    "return super().backward(dy) + dy": "return super().backward(dy)",
    "dgamma = (dy * self.x_hat).sum(axis=0)": "dgamma = (dy * self.x_hat).mean(axis=0)",
    "dx /= N": "dx /= N + 1",
    "self.gradients = [dW, db]": "self.gradients = [dW, 2 * db]",
    "dx = self.layers[0].backward(dx1) + dx": "dx = self.layers[0].backward(dx1)",
}


@pytest.mark.slow
@pytest.mark.parametrize("before", MISTAKES)
def test_a_mistake_is_found_with_its_line(before: str) -> None:
    model = nndsl.load(GOLDEN / "structures.nn", style="layers")
    wrong = edited(model, before, MISTAKES[before])
    report = nndsl.check_gradients(wrong)
    assert not report.passed
    assert report.culprit is not None
    lines = wrong.source.split("\n")
    assert report.culprit.code in lines[report.culprit.line - 1]


def test_what_cannot_be_told_is_said() -> None:
    model = nndsl.load(GOLDEN / "structures.nn", style="layers")
    strange = edited(model, "dict(zip(params, network.gradients))", "dict(zip(params, [0]))")
    with pytest.raises(ModelError, match="not clear which gradient"):
        nndsl.check_gradients(strange)


UNCLEAR = {
    "layer it has not": ("self.layers[0].forward(x)", "self.layers[7].forward(x)", "is none of"),
    "itself": ("return super().backward(dy) + dy", "return self.backward(dy) + dy", "calls itself"),
    "nothing given": ("super().backward(dy) + dy", "super().backward() + dy", "not given `dy`"),
    "two given": ("super().backward(dy) + dy", "super().backward(dy, dy) + dy", "more than it"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", UNCLEAR)
def test_what_objects_cannot_do_is_said(what: str) -> None:
    before, after, said = UNCLEAR[what]
    model = nndsl.load(GOLDEN / "structures.nn", style="layers")
    with pytest.raises(ModelError, match=said):
        nndsl.check_gradients(edited(model, before, after))


def test_a_gradient_that_is_not_there_is_said() -> None:
    model = nndsl.load("regularized", text=text_of("dense(4); relu; dense(3)"), style="layers")
    with pytest.raises(ModelError, match="no gradient of 'W7'"):
        nndsl.check_gradients(edited(model, "= gradients[name]", "= gradients['W7']"))


def test_a_class_that_has_none_above_it_is_said() -> None:
    model = nndsl.load(GOLDEN / "structures.nn", style="layers")
    begins = "super().__init__(); self.layers = layers"
    alone = edited(edited(model, "Sequential(Layer)", "Sequential"), "self.layers = layers", begins)
    with pytest.raises(ModelError, match="no class above"):
        nndsl.check_gradients(alone)
